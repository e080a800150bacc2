import { linePlot } from '../report/line-plot.ts';
import type { Stamped } from '../report/stamp.ts';
import { escaped } from '../report/svg.ts';
import type { Hue } from '../report/svg.ts';
import type { Cells } from '../report/table.ts';
import { commitsText } from './measured-at.ts';
import { percent } from './percent.ts';
import { liveTables, MOST_OF_ORACLE, type LiveResult, type WorkloadResult } from './result.ts';
import { fileWord } from './workloads.ts';

const HUES: readonly Hue[] = ['green', 'orange', 'violet', 'rose', 'gold'];
/** The highest tick is not to touch the axis' name. */
const HEADROOM = 0.1;
const TICKS: readonly number[] = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];
const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1d2733; background: #fff; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(30rem, 1fr)); gap: 1rem; } figure { margin: 0; } svg { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; width: 100%; font-variant-numeric: tabular-nums; } td, th { padding: 2px 8px; text-align: right; white-space: nowrap; border-bottom: 1px solid #e3e8ed; } :is(td, th):is(:first-child, :nth-last-child(-n+2)) { text-align: left; }
@media (prefers-color-scheme: dark) { body { color: #e8edf3; background: #12171d; } td, th { border-color: #2a333d; } }`;

/** The plots by file name: goodput against load, as the generator saw it, one for each workload. */
export function livePictures({ ours, workloads }: LiveResult): Map<string, string> {
  return new Map(workloads.map((workload) => {
    const controllers = [...new Set(workload.points.map(({ controller }) => controller))];
    const of = (controller: string) => workload.points.filter((point) => point.controller === controller);
    const loads = [...new Set(workload.points.map(({ load }) => load))].toSorted((a, b) => a - b);
    const top = Math.max(1, ...workload.points.map(({ oracleShare, load }) => oracleShare * load));
    const others = controllers.filter((name) => name !== ours);
    const svg = linePlot({
      title: workload.title, subtitle: `a running broker; capacity ${workload.capacityPerSecond.toFixed(0)} requests/s by the measured law`,
      x: { label: 'offered load, as a multiple of capacity', from: Math.min(0.5, ...loads), to: Math.max(4, ...loads), ticks: loads, scale: 'log' },
      y: { label: 'goodput / capacity', from: 0, to: top + HEADROOM, ticks: TICKS.filter((tick) => tick <= top) },
      series: [
        { name: 'clairvoyant', hue: 'oracle', style: 'dashed', points: loads.map((load) => [load, oracleAt(workload, load) * load] as const) },
        ...controllers.map((controller) => ({
          name: controller, hue: controller === ours ? 'accent' as const : HUES[others.indexOf(controller) % HUES.length] ?? 'grey', style: controller === ours ? 'strong' as const : 'plain' as const,
          points: of(controller).map(({ load, goodShare }) => [load, goodShare * load] as const),
        })),
      ],
    });
    return [`live-${fileWord(workload.name)}`, svg] as const;
  }));
}

/** Its share of what was offered at a load: all controllers had the same arrivals there. */
function oracleAt({ points }: WorkloadResult, load: number): number {
  return points.find((point) => point.load === load)?.oracleShare ?? 0;
}

/** One page that needs nothing from elsewhere. */
export function livePage(stamped: Stamped<LiveResult>): string {
  const { result, commit, dirty, date, node, cpu, cores, parameters } = stamped;
  const commits = commitsText(stamped);
  const cells = (tag: string, row: readonly string[]): string => `<tr>${row.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const table = ([head = [], ...rows]: Cells): string => `<div class="scroll"><table>${cells('th', head)}${rows.map((row) => cells('td', row)).join('\n')}</table></div>`;
  const refused = [...result.workloads, ...(result.replicas === undefined ? [] : [result.replicas])].flatMap(({ title, refused }) => refused.map((why) => `${title}, ${why}`));
  const about = `Commit ${commit.slice(0, 12)}${dirty ? ' with changes' : ''}, ${date.slice(0, 10)}, Node ${node.slice(1)}, ${cores} cores of ${cpu}; ${String(parameters['rounds'])} rounds, together ${String(parameters['seconds'])} s or more a point${commits === undefined ? '' : `; ${commits}`}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Tradewind: goodput, live</title><style>${STYLE}</style></head><body>
<h1>Goodput on a running broker</h1>
<p>Broker, containers and generator are processes of their own; arrivals are Poisson and leave at their moments whatever becomes of the others. An answer counts when it is a model's and the generator has it within the SLO. The clairvoyant knows the same arrivals and the law as it was measured before each round.</p>
<p>A share “of oracle” above 1 is no fault up to ${MOST_OF_ORACLE}: the oracle goes by the medians of the measured law, and where batches are faster than those, up to ${percent(MOST_OF_ORACLE - 1)} more are in time than it says.</p>
<p>“Late” is a share of all that was offered, and held to its bar: every query is answered, by a default where no model was in time. “Late of model’s” is the share of late answers among those that were late or a model’s in time.</p>
<p>${escaped(about)}</p>
<div class="grid">${[...livePictures(result)].map(([name, svg]) => `<figure id="${name}">${svg}</figure>`).join('\n')}</div>
${refused.map((why) => `<p>Not measured: ${escaped(why)}</p>`).join('\n')}
${liveTables(result).map(table).join('\n')}
</body></html>
`;
}
