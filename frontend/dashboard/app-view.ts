import { read } from './broker-api.ts';
import { chartData, rest } from './columns.ts';
import { decisionForm } from './decision-form.ts';
import { h, say } from './dom.ts';
import { figureStrip } from './figures.ts';
import { findings, ofApp } from './findings.ts';
import { count, listed, milliseconds, number, objective, percent } from './format.ts';
import { attained, missLine } from './misses.ts';
import { armsChart, reasonsChart } from './named-charts.ts';
import { selectionTable, type SelectionReply } from './selection-table.ts';
import type { AppFigures, History } from './snapshot.ts';
import { TimeChart } from './time-chart.ts';
import { verdict } from './verdict.ts';
import { HISTORY_MS, poll, type Span, type View } from './view.ts';

const SELECTION_MS = 3_000;

/** One app: how it serves, and how it chooses. */
export function appView(name: string, span: Span): View {
  let app: AppFigures | undefined;
  const said = verdict(name);
  const about = h('p', { class: 'about' });
  const strip = figureStrip(['Good answers', 'On time, 5 min', 'On time, 1 h', 'Median', 'p99', 'Missed']);
  const answers = new TimeChart({
    title: 'Answers a second', write: number, stacked: true, series: [{ label: 'good', colour: 'accent' }, { label: 'missed', colour: 'bad' }]  });
  const times = new TimeChart({
    title: 'Latency', write: milliseconds, series: [{ label: 'median', colour: 'accent' }, { label: 'p99', colour: 'second' }],
    level: () => (app === undefined ? undefined : { value: app.sloMs, label: `objective ${objective(app.sloMs)}` }),
  });
  const reasons = reasonsChart();
  const traffic = armsChart();
  const selection = selectionTable();
  return {
    title: name,
    element: h('div', {}, said.element, about, strip.element, h('div', { class: 'charts' }, answers.element, times.element, reasons.element, traffic.element),
      h('section', {}, selection.element), h('section', {}, h('h2', { text: 'Why this answer?' }), decisionForm())),
    update(state) {
      app = state.apps.get(name);
      if (app === undefined) return say(about, 'There is no app of this name now.');
      say(about, aboutText(app));
      said.update(ofApp(findings(state), name), app.answersPerSecond === 0 ? 'Nobody asks.' : 'All is well.');
      strip.update(stripOf(app));
    },
    start(signal) {
      const path = `kind=app&name=${encodeURIComponent(name)}&span=${span}`;
      poll(HISTORY_MS[span], signal, async () => {
        const history = await read<History>(`/admin/watch/history?${path}`);
        const [at = [], all = [], good = [], p99 = [], p50 = []] = chartData(history, ['answers', 'good', 'answer.p99', 'answer.p50']);
        answers.set([at, good, rest(all, good)]);
        times.set([at, p50, p99]);
        reasons.set(history);
        traffic.set(history);
      }, () => undefined);
      poll(SELECTION_MS, signal, async () => selection.update(await read<SelectionReply>(`/admin/apps/${encodeURIComponent(name)}/selection`)), (thrown) => selection.failed(thrown));
    },
  };
}

function aboutText({ arms, policy, sloMs, steered }: AppFigures): string {
  const hands = steered.length === 0 ? '' : ` The operator steers it: ${listed([...steered])}.`;
  return arms.length === 1 ? `Asks ${arms[0] ?? ''} within ${objective(sloMs)}.${hands}` : `Chooses among ${listed([...arms])} by ${policy}, within ${objective(sloMs)}.${hands}`;
}

function stripOf(app: AppFigures): Parameters<ReturnType<typeof figureStrip>['update']>[0] {
  const [recent, hour] = [attained(app.fiveMinutes), attained(app.hour)];
  const missed = app.answersPerSecond === 0 ? null : Math.max(0, 1 - app.goodPerSecond / app.answersPerSecond);
  return [
    { value: `${number(app.goodPerSecond)}/s`, note: `of ${number(app.answersPerSecond)}/s answers` },
    { value: percent(recent), note: `of ${count(app.fiveMinutes.answers)}`, bad: recent !== null && recent < 0.99 },
    { value: percent(hour), note: `of ${count(app.hour.answers)}`, bad: hour !== null && hour < 0.99 },
    { value: milliseconds(app.p50Ms), note: 'last 10 s' },
    { value: milliseconds(app.p99Ms), note: `of ${objective(app.sloMs)}`, bad: app.p99Ms !== null && app.p99Ms > app.sloMs },
    { value: percent(missed), note: missLine(app), bad: missed !== null && missed >= 0.01 },
  ];
}
