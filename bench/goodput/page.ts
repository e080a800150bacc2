import { barPlot } from '../report/bar-plot.ts';
import { linePlot } from '../report/line-plot.ts';
import type { Stamped } from '../report/stamp.ts';
import { escaped } from '../report/svg.ts';
import type { Point } from './bars.ts';
import { learningPictures } from './learning.ts';
import { look } from './look.ts';
import { BEST_ONLINE, boundName, CLAIRVOYANT, isMargin } from './panels.ts';
import { playedWords, type GoodputResult } from './result.ts';

type PlayedPanel = GoodputResult['panels'][number];

/** The plots by file name: goodput against load for each panel of several loads, then latency and shedding. */
export function goodputPictures(result: GoodputResult): Map<string, string> {
  const pictures = new Map<string, string>();
  const played = curves(result);
  for (const panel of played) pictures.set(fileName(panel), goodputPlot(result, panel));
  const shown = played.find(({ name }) => name === '0.1·b + 2 / 20') ?? played[0];
  if (shown !== undefined) {
    for (const load of shown.loads.filter((load) => load === 1.2 || load === 4)) pictures.set(`latency-${load}`, latencyPlot(result, shown, load));
    if (result.trace.length > 0) for (const [name, svg] of learningPictures(result.trace)) pictures.set(name, svg);
    pictures.set('shedding-rules', shedByRule(result, shown));
    pictures.set('shedding-loads', shedByLoad(result, shown));
  }
  return pictures;
}

/** Panels that are curves; a bound is drawn where its scenario is. */
function curves({ panels }: GoodputResult): PlayedPanel[] {
  return panels.filter(({ group, loads }) => loads.length > 1 && !group.startsWith('bound'));
}

function fileName({ group, name }: PlayedPanel): string {
  return `goodput-${group}-${name.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-').replaceAll(/^-|-$/g, '')}`;
}

function goodputPlot({ points, ours }: GoodputResult, panel: PlayedPanel): string {
  const mine = bestMarginOnly(points.filter((point) => point.panel === panel.name));
  const bound = points.filter((point) => point.panel === boundName(panel.name) && point.rule === CLAIRVOYANT);
  const top = Math.max(1.05, ...[...mine, ...bound].map(goodput));
  return linePlot({
    title: panel.name.replace(/ \+ [\d.]+/, '$& ms').replace(/ \/ ([\d.·]+)/, ', SLO $1 ms'), subtitle: `capacity ${Math.round(panel.capacityPerSecond)} queries/s on ${panel.group === 'alike' || panel.group === 'unequal' ? 'four replicas' : 'one replica'}${bound.length === 0 ? '' : '; the bound is of a shorter run'}`,
    x: { label: 'offered load, as a multiple of capacity', from: 0.5, to: 4, ticks: panel.loads, scale: 'log' },
    y: { label: 'goodput / capacity', from: 0, to: Math.ceil(top * 10) / 10, ticks: steps(top, [0.25, 0.5, 1]) },
    series: [
      ...rulesOf(mine).map((rule) => ({ name: rule, ...look(rule, ours), points: curve(mine.filter((point) => point.rule === rule)) })),
      ...(bound.length === 0 ? [] : [{ name: 'bound', ...look(CLAIRVOYANT, ours), points: curve(bound) }]),
    ],
  });
}

function curve(points: readonly Point[]): [number, number][] {
  return points.map((point) => [point.load, goodput(point)]);
}

/** As a multiple of capacity. */
function goodput({ load, onTime, offered }: Point): number {
  return (onTime / offered) * load;
}

/** Of one rule with many margins only the one that hindsight would choose: the best over all loads. */
function bestMarginOnly(points: readonly Point[]): Point[] {
  const total = (rule: string): number => points.filter((point) => point.rule === rule).reduce((sum, { share }) => sum + share, 0);
  const [best] = rulesOf(points).filter(isMargin).toSorted((a, b) => total(b) - total(a));
  return points.filter(({ rule }) => !isMargin(rule) || rule === best);
}

/** How many of all queries were answered within so long: it ends at the share that was answered at all. */
function latencyPlot({ points, ours }: GoodputResult, panel: PlayedPanel, load: number): string {
  const mine = points.filter((point) => point.panel === panel.name && point.load === load && point.latenciesMs.length > 0);
  const slowest = Math.max(1, ...mine.map(({ latenciesMs }) => latenciesMs.at(-1) ?? 0));
  return linePlot({
    title: `Answered within so long, at ${load} × capacity`, subtitle: `${panel.name} ms; share of all queries; each curve ends at what was on time`,
    x: { label: 'latency, ms', from: 0, to: slowest, ticks: steps(slowest, [0.5, 1, 2, 5, 10, 20, 50, 100]) },
    y: { label: 'share of all queries', from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1], format: (value) => `${value * 100} %` },
    series: rulesOf(mine).map((rule) => {
      const point = mine.find((one) => one.rule === rule);
      const share = point === undefined ? 0 : point.onTime / point.offered;
      const steps = point?.latenciesMs ?? [];
      return { name: rule, ...look(rule, ours), points: steps.map((ms, i): [number, number] => [ms, (share * i) / (steps.length - 1)]) };
    }),
  });
}

const SEGMENTS = [
  { name: 'on time', hue: 'accent', reason: undefined }, { name: 'computed, but late', hue: 'rose', reason: 'deadline_exceeded' },
  { name: 'let go as infeasible', hue: 'green', reason: 'infeasible' }, { name: 'expired waiting', hue: 'orange', reason: 'expired_in_queue' },
  { name: 'refused', hue: 'grey', reason: 'queue_full' },
] as const;

function shares({ onTime, offered, missed }: Point): number[] {
  return SEGMENTS.map(({ reason }) => (reason === undefined ? onTime : missed[reason] ?? 0) / offered);
}

function shedByRule({ points, ours }: GoodputResult, panel: PlayedPanel): string {
  const load = panel.loads.includes(2) ? 2 : panel.loads.at(-1) ?? 1;
  const mine = points.filter((point) => point.panel === panel.name && point.load === load && point.rule !== CLAIRVOYANT && point.rule !== BEST_ONLINE);
  const bars = mine.toSorted((a, b) => b.onTime - a.onTime).map((point) => ({ name: point.rule, shares: shares(point), strong: point.rule === ours }));
  return barPlot({ title: `What became of all queries at ${load} × capacity`, subtitle: `${panel.name} ms, in %`, segments: SEGMENTS, bars, width: 640 });
}

function shedByLoad({ points, ours }: GoodputResult, panel: PlayedPanel): string {
  const mine = points.filter((point) => point.panel === panel.name && point.rule === ours);
  return barPlot({ title: `What became of all queries under ${ours}`, subtitle: `${panel.name} ms, by offered load, in %`, segments: SEGMENTS, bars: mine.map((point) => ({ name: `${point.load} ×`, shares: shares(point) })), width: 640 });
}

function rulesOf(points: readonly Point[]): string[] {
  return [...new Set(points.map(({ rule }) => rule))];
}

/** From 0 to `most`, in the smallest of these steps that makes no more than eight. */
function steps(most: number, sizes: readonly number[]): number[] {
  const step = sizes.find((size) => most / size <= 8) ?? most;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** One page that needs nothing from elsewhere. */
export function goodputPage(stamped: Stamped<GoodputResult>): string {
  const { result, commit, dirty, date, node, cpu, cores, parameters } = stamped;
  const pictures = goodputPictures(result);
  const groups = [...pictures].map(([name, svg]) => `<figure id="${name}">${svg}</figure>`);
  const curvesUntil = curves(result).length;
  const about = `Commit ${commit.slice(0, 12)}${dirty ? ' with changes' : ''}, ${date.slice(0, 10)}, Node ${node.slice(1)}, ${cores} cores of ${cpu}; ${String(parameters['seeds'])} seeds`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Tradewind: goodput</title><style>${STYLE}</style></head><body><main>
<h1>Goodput, and what of it can be had</h1>
<p class="lead">The production queue and batcher on simulated replicas, beside the rules of other systems and a scheduler that knows the future. A query counts when its answer is there by its deadline. Load 1 is what a replica does with the largest batch that leaves time for one more of its size.</p>
<p class="stamp">${escaped(about)}</p>
<h2>The bars</h2>${barTable(result)}
${result.played === undefined ? '' : `<p class="soft">${escaped(playedWords(result.played))}.</p>`}
<h2>Goodput against offered load</h2><div class="grid">${groups.slice(0, curvesUntil).join('\n')}</div>
<h2>Latency, learning, and what is let go</h2><div class="grid">${groups.slice(curvesUntil).join('\n')}</div>
<h2>Every point</h2><p>Goodput as a share of what the clairvoyant scheduler does on the same arrivals; where that is not known, of what capacity allows. The best rule that knows no future is in bold.</p>
${result.panels.map((panel) => pointTable(result, panel)).join('\n')}
</main></body></html>
`;
}

function barTable({ bars }: GoodputResult): string {
  const verdict = (bar: string, pass: boolean): string => (bar === 'reported' ? '<td></td>' : `<td class="${pass ? 'pass' : 'missed'}">${pass ? 'held' : 'missed'}</td>`);
  const rows = bars.map(({ what, figure, bar, pass, worst }) =>
    `<tr><td>${escaped(what)}</td><td class="n">${escaped(figure)}</td><td class="n">${escaped(bar)}</td>${verdict(bar, pass)}<td class="soft">${escaped(worst ?? '')}</td></tr>`);
  return `<div class="scroll"><table><thead><tr><th>what</th><th class="n">figure</th><th class="n">bar</th><th></th><th>where it is closest</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

function pointTable({ points, ours }: GoodputResult, { name, loads }: PlayedPanel): string {
  const mine = points.filter((point) => point.panel === name && point.rule !== CLAIRVOYANT);
  const best = new Map(loads.map((load) => [load, Math.max(...mine.filter((point) => point.load === load && point.rule !== BEST_ONLINE).map(({ share }) => share))]));
  const rows = rulesOf(mine).map((rule) => {
    const cells = loads.map((load) => {
      const share = mine.find((point) => point.rule === rule && point.load === load)?.share ?? 0;
      return `<td class="n${share >= (best.get(load) ?? 1) - 5e-5 ? ' best' : ''}" style="--share:${Math.max(0, Math.min(1, share)).toFixed(3)}">${share.toFixed(3)}</td>`;
    });
    return `<tr${rule === ours ? ' class="ours"' : ''}><td>${escaped(rule)}</td>${cells.join('')}</tr>`;
  });
  return `<section><h3>${escaped(name)} ms</h3><div class="scroll"><table class="points"><thead><tr><th>load</th>${loads.map((load) => `<th class="n">${Number(load.toFixed(2))} ×</th>`).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #66727f; --rule: #e3e8ed; --paper: #ffffff; --ground: #f5f7f9; --accent: #0b62d6; --good: #16866a; --bad: #c5356f; --tint: 11 98 214; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf3; --soft: #98a5b3; --rule: #2a333d; --paper: #12171d; --ground: #0b0f13; --accent: #5aa5ff; --good: #3fc49c; --bad: #f07aa8; --tint: 90 165 255; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 48px 24px 96px; }
h1 { font-size: 28px; font-weight: 650; letter-spacing: -0.01em; margin: 0 0 8px; }
h2 { font-size: 19px; font-weight: 600; margin: 48px 0 14px; } h3 { font-size: 14px; font-weight: 600; margin: 22px 0 6px; }
.lead { max-width: 70ch; margin: 0 0 6px; } .stamp, .soft { color: var(--soft); font-size: 13px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 500px), 1fr)); gap: 16px; }
figure { margin: 0; background: var(--paper); border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; padding: 6px; }
figure svg { width: 100%; height: auto; display: block; }
.scroll { overflow-x: auto; background: var(--paper); border: 1px solid var(--rule); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 14px; text-align: left; border-bottom: 1px solid var(--rule); white-space: nowrap; } tbody tr:last-child td { border-bottom: 0; }
th { color: var(--soft); font-weight: 500; } .n { text-align: right; } td:first-child { white-space: normal; }
.pass { color: var(--good); font-weight: 600; } .missed { color: var(--bad); font-weight: 700; }
.points td.n { background: rgb(var(--tint) / calc(0.16 * var(--share) * var(--share) * var(--share) * var(--share))); } .best { font-weight: 700; } .ours td:first-child { color: var(--accent); font-weight: 700; }
section { break-inside: avoid; } @media (min-width: 900px) { main { padding-left: 40px; padding-right: 40px; } }
`;
