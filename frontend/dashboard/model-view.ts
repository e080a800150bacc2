import { readyReplicas } from './arms.ts';
import { batchChart } from './batch-chart.ts';
import { read } from './broker-api.ts';
import { chartData } from './columns.ts';
import { h, say } from './dom.ts';
import { figureStrip } from './figures.ts';
import { findings, ofModel } from './findings.ts';
import { count, milliseconds, number, objective, unbroken } from './format.ts';
import { shedChart } from './named-charts.ts';
import { replicaTable, type ModelReply } from './replica-table.ts';
import type { BatchPicture, History, ModelFigures } from './snapshot.ts';
import { TimeChart } from './time-chart.ts';
import { verdict } from './verdict.ts';
import { HISTORY_MS, poll, type Span, type View } from './view.ts';
import { whyBatch } from './why-batch.ts';

const PICTURE_MS = 2_000;
const REPLICAS_MS = 2_000;

/** One model version: its queue, its batches and its replicas. */
export function modelView(key: string, span: Span): View {
  const at = key.lastIndexOf('@');
  const [name, version] = [key.slice(0, at), key.slice(at + 1)];
  let model: ModelFigures | undefined;
  const said = verdict(key);
  const about = h('p', { class: 'about' });
  const strip = figureStrip(['Rows', 'Rows a batch', 'Median', 'p99', 'Waiting', 'Waited, p99', 'Let go']);
  const picture = h('div', { class: 'picture' });
  const why = h('div', { class: 'why' });
  const queue = new TimeChart({ title: 'Rows that wait', write: number, series: [{ label: 'at most', colour: 'accent', fill: true }] });
  const rows = new TimeChart({ title: 'Rows a second', write: number, series: [{ label: 'rows', colour: 'accent' }] });
  const times = new TimeChart({
    title: 'Time of a batch', write: milliseconds, series: [{ label: 'median', colour: 'accent' }, { label: 'p99', colour: 'second' }],
    level: () => (model === undefined ? undefined : { value: model.sloMs, label: `objective ${objective(model.sloMs)}` }),
  });
  const shed = shedChart();
  const replicas = replicaTable(name, version);
  return {
    title: key,
    element: h('div', {}, said.element, about, strip.element,
      h('section', {}, h('h2', { text: 'Why this batch size?' }), h('div', { class: 'split' }, picture, why)),
      h('section', {}, replicas.element), h('div', { class: 'charts' }, rows.element, queue.element, times.element, shed.element)),
    update(state) {
      model = state.models.get(key);
      if (model === undefined) return say(about, 'There is no such version now.');
      const labels = model.labels.length === 0 ? '' : ` Labels: ${model.labels.join(', ')}.`;
      const ready = model.desired === 0 ? 'No replica is wanted of it: it is scaled to none, or the rules of its model let it rest' : `${readyReplicas(model)} of ${model.desired} replicas ready`;
      say(about, `${ready}; batches are sized for ${objective(model.sloMs)}.${labels}`);
      said.update(ofModel(findings(state), key, state), model.rowsPerSecond === 0 ? 'Nothing is asked of it.' : 'All is well.');
      strip.update(stripOf(model));
    },
    start(signal) {
      poll(HISTORY_MS[span], signal, async () => {
        const history = await read<History>(`/admin/watch/history?kind=model&name=${encodeURIComponent(key)}&span=${span}`);
        const [seconds = [], rate = [], waiting = [], p99 = [], p50 = []] = chartData(history, ['rows', 'queue', 'service.p99', 'service.p50']);
        rows.set([seconds, rate]);
        queue.set([seconds, waiting]);
        times.set([seconds, p50, p99]);
        shed.set(history);
      }, () => undefined);
      const path = `${encodeURIComponent(name)}/versions/${encodeURIComponent(version)}`;
      poll(PICTURE_MS, signal, async () => {
        const drawn = await read<BatchPicture>(`/admin/watch/models/${path}`);
        picture.replaceChildren(...(drawn.law.length === 0 && drawn.batches.length === 0 ? [] : [batchChart(drawn, picture.clientWidth)]));
        why.replaceChildren(...whyBatch(drawn).map((text) => h('p', { text: unbroken(text) })));
      }, () => undefined);
      poll(REPLICAS_MS, signal, async () => replicas.update(await read<ModelReply>(`/admin/models/${path}`)), (thrown) => replicas.failed(thrown));
    },
  };
}

function stripOf(model: ModelFigures): Parameters<ReturnType<typeof figureStrip>['update']>[0] {
  const shed = model.shed.reduce((sum, { perSecond }) => sum + perSecond, 0);
  return [
    { value: `${number(model.rowsPerSecond)}/s`, note: `${number(model.batchesPerSecond)}/s batches` },
    { value: model.batchesPerSecond === 0 ? '–' : number(model.rowsPerSecond / model.batchesPerSecond), note: model.plannedRows === 0 ? '' : `planned ${count(model.plannedRows)}` },
    { value: milliseconds(model.serviceP50Ms), note: 'of a batch' },
    { value: milliseconds(model.serviceP99Ms), note: `of ${objective(model.sloMs)}`, bad: model.serviceP99Ms !== null && model.serviceP99Ms > model.sloMs },
    { value: count(model.queueRows), note: model.queueRows === 1 ? 'row' : 'rows' },
    { value: milliseconds(model.waitP99Ms), note: 'in the queue' },
    { value: `${number(shed)}/s`, note: model.shed.map(({ reason }) => reason.replaceAll('_', ' ')).join(', '), bad: shed > 0 },
  ];
}
