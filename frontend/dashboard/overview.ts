import { objectives, readyReplicas } from './arms.ts';
import { read } from './broker-api.ts';
import { chartData, rest } from './columns.ts';
import { h, say, setClass, type Row } from './dom.ts';
import { figureStrip } from './figures.ts';
import { findings } from './findings.ts';
import { bytes, count, counted, milliseconds, number, objective, percent } from './format.ts';
import type { LiveState } from './live-state.ts';
import { attained, missLine } from './misses.ts';
import type { AppFigures, History, ModelFigures } from './snapshot.ts';
import { spark } from './spark.ts';
import { keptTable } from './table.ts';
import { TimeChart } from './time-chart.ts';
import { troubleList } from './trouble-list.ts';
import { verdict } from './verdict.ts';
import { HISTORY_MS, poll, type Span, type View } from './view.ts';

const SPARKS_MS = 5_000;
const LAST_TROUBLES = 4;

/** Everything at a glance. */
export function overview(span: Span): View {
  const said = verdict('Overview');
  const strip = figureStrip(['Good answers', 'On time, 5 min', 'Median', 'p99', 'Waiting', 'Replicas', 'Broker']);
  const answers = new TimeChart({ title: 'Answers a second', write: number, stacked: true, series: [{ label: 'good', colour: 'accent' }, { label: 'missed', colour: 'bad' }] });
  const times = new TimeChart({ title: 'Latency', write: milliseconds, series: [{ label: 'median', colour: 'accent' }, { label: 'p99', colour: 'second' }] });
  const sparks = new Map<string, readonly (number | null)[]>();
  const apps = keptTable<AppFigures>({
    caption: 'Apps', keyOf: ({ name }) => name, make: ({ name }) => appRow(name, () => sparks.get(name) ?? []), none: 'There is no app.',
    columns: [{ name: 'app' }, { name: 'good/s', class: 'num' }, { name: 'last 5 min', class: 'wide' }, { name: 'on time', class: 'num' }, { name: 'p50', class: 'num wide' }, { name: 'p99', class: 'num' }, { name: 'objective', class: 'num wide' }, { name: 'what is missed', class: 'wide' }],
  });
  let held: ReadonlyMap<string, number> = new Map();
  const models = keptTable<ModelFigures>({
    caption: 'Model versions', keyOf: ({ key }) => key, make: ({ key }) => modelRow(key, () => held.get(key) ?? Number.POSITIVE_INFINITY), none: 'There is no model.',
    columns: [{ name: 'model' }, { name: 'replicas' }, { name: 'rows/s', class: 'num' }, { name: 'rows a batch', class: 'num wide' }, { name: 'planned', class: 'num wide' }, { name: 'p99', class: 'num' }, { name: 'waiting', class: 'num wide' }, { name: 'let go/s', class: 'num wide' }],
  });
  const troubles = troubleList(LAST_TROUBLES);
  return {
    title: 'Overview',
    element: h('div', {}, said.element, strip.element, h('div', { class: 'charts' }, answers.element, times.element),
      h('section', {}, apps.element), h('section', {}, models.element), h('section', {}, h('h2', { text: 'Last troubles' }), troubles.element)),
    update(state) {
      said.update(findings(state), wellOf(state));
      strip.update(stripOf(state));
      apps.update([...state.apps.values()]);
      held = objectives(state);
      models.update([...state.models.values()]);
      troubles.update(state.troubles, state.at);
    },
    start(signal) {
      poll(HISTORY_MS[span], signal, async () => {
        const history = await read<History>(`/admin/watch/history?kind=broker&span=${span}`);
        const [at = [], all = [], good = [], p99 = [], p50 = []] = chartData(history, ['answers', 'good', 'answer.p99', 'answer.p50']);
        answers.set([at, good, rest(all, good)]);
        times.set([at, p50, p99]);
      }, () => undefined);
      poll(SPARKS_MS, signal, async () => {
        sparks.clear();
        for (const [name, values] of Object.entries(await read<Record<string, (number | null)[]>>('/admin/watch/sparks'))) sparks.set(name, values);
      }, () => undefined);
    },
  };
}

function wellOf({ apps, models }: LiveState): string {
  const rate = [...apps.values()].reduce((sum, { answersPerSecond }) => sum + answersPerSecond, 0);
  return rate === 0 ? `${counted(models.size, 'model version is', 'model versions are')} ready; nobody asks.` : 'All is well.';
}

function stripOf({ apps, models, broker }: LiveState): Parameters<ReturnType<typeof figureStrip>['update']>[0] {
  const all = [...apps.values()];
  const sum = (of: (app: AppFigures) => number): number => all.reduce((total, app) => total + of(app), 0);
  const answersPerSecond = sum((app) => app.answersPerSecond);
  const good = sum((app) => app.goodPerSecond);
  const recent = attained({ answers: sum((app) => app.fiveMinutes.answers), good: sum((app) => app.fiveMinutes.good) });
  const busiest = all.toSorted((a, b) => b.answersPerSecond - a.answersPerSecond)[0];
  const slowest = all.filter(({ p99Ms }) => p99Ms !== null).toSorted((a, b) => (b.p99Ms ?? 0) / b.sloMs - (a.p99Ms ?? 0) / a.sloMs)[0];
  const versions = [...models.values()];
  const waiting = versions.reduce((total, { queueRows }) => total + queueRows, 0);
  const ready = versions.reduce((total, model) => total + readyReplicas(model), 0);
  const wanted = versions.reduce((total, { desired }) => total + desired, 0);
  return [
    { value: `${number(good)}/s`, note: `of ${number(answersPerSecond)}/s answers` },
    { value: percent(recent), note: recent === null ? 'no answers' : `of ${count(sum((app) => app.fiveMinutes.answers))}`, bad: recent !== null && recent < 0.99 },
    { value: milliseconds(busiest?.p50Ms), note: busiest === undefined || busiest.p50Ms === null ? '' : busiest.name },
    { value: milliseconds(slowest?.p99Ms), note: slowest === undefined ? '' : `${slowest.name}, of ${objective(slowest.sloMs)}`, bad: slowest !== undefined && (slowest.p99Ms ?? 0) > slowest.sloMs },
    { value: count(waiting), note: waiting === 1 ? 'row' : 'rows' },
    { value: `${ready} / ${wanted}`, note: 'ready', bad: ready < wanted },
    { value: percent(broker.cpu), note: `of a core, ${bytes(broker.memoryBytes)}`, bad: broker.loopBusy > 0.9 },
  ];
}


function appRow(name: string, values: () => readonly (number | null)[]): Row<AppFigures> {
  const cells = { good: num(), line: h('td', { class: 'wide' }), onTime: num(), p50: num('wide'), p99: num(), slo: num('wide'), missed: h('td', { class: 'words wide' }) };
  let drawn: readonly (number | null)[] | undefined;
  return {
    element: h('tr', {}, h('th', { scope: 'row' }, h('a', { href: `#/app/${encodeURIComponent(name)}`, text: name })), ...Object.values(cells)),
    update(app) {
      const recent = attained(app.fiveMinutes);
      say(cells.good, app.answersPerSecond === 0 ? '–' : number(app.goodPerSecond));
      say(cells.onTime, percent(recent));
      setClass(cells.onTime, recent !== null && recent < 0.99 ? 'num bad' : 'num');
      say(cells.p50, milliseconds(app.p50Ms));
      say(cells.p99, milliseconds(app.p99Ms));
      setClass(cells.p99, app.p99Ms !== null && app.p99Ms > app.sloMs ? 'num bad' : 'num');
      say(cells.slo, objective(app.sloMs));
      say(cells.missed, missLine(app));
      const now = values();
      if (now === drawn) return;
      drawn = now;
      cells.line.replaceChildren(spark(now));
    },
  };
}

function modelRow(key: string, heldMs: () => number): Row<ModelFigures> {
  const labels = h('span', { class: 'labels' });
  const cells = { replicas: h('td', { class: 'num-words' }), rows: num(), size: num('wide'), planned: num('wide'), p99: num(), queue: num('wide'), shed: num('wide') };
  return {
    element: h('tr', {}, h('th', { scope: 'row' }, h('a', { href: `#/model/${encodeURIComponent(key)}`, text: key }), labels), ...Object.values(cells)),
    update(model) {
      const ready = readyReplicas(model);
      say(labels, model.labels.join(' '));
      say(cells.replicas, ready === 0 && model.desired === 0 ? 'none wanted' : ready >= model.desired ? `${ready} ready` : `${ready} of ${model.desired} ready`);
      setClass(cells.replicas, ready < model.desired ? 'num-words bad' : 'num-words');
      say(cells.rows, model.rowsPerSecond === 0 ? '–' : number(model.rowsPerSecond));
      say(cells.size, model.batchesPerSecond === 0 ? '–' : number(model.rowsPerSecond / model.batchesPerSecond));
      say(cells.planned, model.plannedRows === 0 ? '–' : count(model.plannedRows));
      say(cells.p99, milliseconds(model.serviceP99Ms));
      setClass(cells.p99, model.serviceP99Ms !== null && model.serviceP99Ms > heldMs() ? 'num bad' : 'num');
      say(cells.queue, count(model.queueRows));
      const shed = model.shed.reduce((sum, { perSecond }) => sum + perSecond, 0);
      say(cells.shed, shed === 0 ? '–' : number(shed));
      setClass(cells.shed, shed > 0 ? 'num wide bad' : 'num wide');
    },
  };
}

function num(more = ''): HTMLElement {
  return h('td', { class: more === '' ? 'num' : `num ${more}` });
}
