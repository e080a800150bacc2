/**
 * Writes deploy/grafana/tradewind.json, a dashboard for Grafana, from the table of metrics: what is counted has a panel.
 *
 *     node deploy/grafana/tradewind-build.ts            writes it
 *     node deploy/grafana/tradewind-build.ts --check    fails where it differs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isMetric, METRICS, type MetricName, type MetricRow } from '../../frontend/metrics/table.ts';

const FILE = fileURLToPath(new URL('tradewind.json', import.meta.url));
const WIDTH = 24;
const PANEL = { w: 8, h: 7 };
const SOURCE = { type: 'prometheus', uid: '${source}' };

interface Target {
  readonly expr: string;
  readonly legend: string;
}
interface Panel {
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly targets: readonly Target[];
}
interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** What somebody looks at first. */
const FIRST: readonly Panel[] = [
  { title: 'Goodput', description: 'Answers of models before the deadline.', unit: 'reqps', targets: [{ expr: 'sum by (app) (rate(tradewind_slo_total{app=~"$app",instance=~"$instance",outcome="on_time"}[$__rate_interval]))', legend: '{{app}}' }] },
  { title: 'On time', description: 'The part of the answers that were a model\'s, before the deadline.', unit: 'percentunit', targets: [{ expr: 'sum by (app) (rate(tradewind_slo_total{app=~"$app",instance=~"$instance",outcome="on_time"}[$__rate_interval])) / sum by (app) (rate(tradewind_slo_total{app=~"$app",instance=~"$instance"}[$__rate_interval]))', legend: '{{app}}' }] },
  { title: 'Missed, by reason', description: 'Defaults and errors, by code of the error table.', unit: 'reqps', targets: [{ expr: 'sum by (app, source, reason) (rate(tradewind_requests_total{app=~"$app",instance=~"$instance",source=~"default|error"}[$__rate_interval]))', legend: '{{app}} {{source}} {{reason}}' }] },
];

/** Units of Grafana by the last word of a name. */
function unitOf(name: MetricName, { kind }: MetricRow): string {
  if (name.includes('_seconds')) return kind === 'counter' ? 'percentunit' : 's';
  if (name.endsWith('_bytes')) return 'bytes';
  return kind === 'counter' ? 'cps' : 'short';
}

function panelOf(name: MetricName): Panel {
  const row: MetricRow = METRICS[name];
  const by = row.labels.join(', ');
  const selector = [...row.labels.filter((label) => label === 'app' || label === 'model').map((label) => `${label}=~"$${label}"`), 'instance=~"$instance"'].join(',');
  const legend = row.labels.map((label) => `{{${label}}}`).join(' ');
  const sum = (expr: string): string => (by === '' ? `sum(${expr})` : `sum by (${by}) (${expr})`);
  const title = name.replace(/^tradewind_/u, '').replace(/_total$/u, '').replaceAll('_', ' ');
  const shape = { title, description: `${name}: ${row.help}`, unit: unitOf(name, row) };
  switch (row.kind) {
    case 'gauge': return { ...shape, targets: [{ expr: sum(`${name}{${selector}}`), legend }] };
    case 'counter': return { ...shape, targets: [{ expr: sum(`rate(${name}{${selector}}[$__rate_interval])`), legend }] };
    case 'histogram': return { ...shape, targets: [0.5, 0.99].map((q) => ({ expr: `histogram_quantile(${q}, sum by (${[...row.labels, 'le'].join(', ')}) (rate(${name}_bucket{${selector}}[$__rate_interval])))`, legend: `${legend} p${q * 100}` })) };
  }
}

function rows(): readonly Row[] {
  const names = Object.keys(METRICS).filter(isMetric);
  const having = (label: string): MetricName[] => names.filter((name) => METRICS[name].labels.includes(label));
  const [apps, models] = [having('app'), having('model')];
  const rest = names.filter((name) => !apps.includes(name) && !models.includes(name));
  return [
    { title: 'At a glance', panels: FIRST },
    { title: 'Apps', panels: apps.map(panelOf) },
    { title: 'Model versions', panels: models.map(panelOf) },
    { title: 'The broker', panels: rest.map(panelOf) },
  ];
}

/** Rows below each other, panels from left to right; ids count up, so that the same table gives the same file. */
function laidOut(): object[] {
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels } of rows()) {
    placed.push({ id: placed.length + 1, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: WIDTH, h: 1 }, panels: [] });
    y++;
    for (const [i, panel] of panels.entries()) {
      const column = i % (WIDTH / PANEL.w);
      placed.push(drawn(panel, placed.length + 1, { x: column * PANEL.w, y: y + Math.floor(i / (WIDTH / PANEL.w)) * PANEL.h, ...PANEL }));
    }
    y += Math.ceil(panels.length / (WIDTH / PANEL.w)) * PANEL.h;
  }
  return placed;
}

function drawn({ title, description, unit, targets }: Panel, id: number, gridPos: object): object {
  return {
    id, type: 'timeseries', title, description, datasource: SOURCE, gridPos,
    fieldConfig: { defaults: { unit, min: 0, custom: { lineWidth: 1, fillOpacity: 8, showPoints: 'never' } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: targets.map(({ expr, legend }, i) => ({ refId: String.fromCodePoint(65 + i), datasource: SOURCE, expr, legendFormat: legend === '' ? '{{instance}}' : legend })),
  };
}

function dashboard(): string {
  const variable = (name: string, metric: string): object => ({ name, label: name, type: 'query', datasource: SOURCE, query: { query: `label_values(${metric}, ${name})`, refId: name }, refresh: 2, includeAll: true, multi: true, allValue: '.*', current: { text: 'All', value: '$__all' } });
  return `${JSON.stringify({
    title: 'Tradewind', uid: 'tradewind', tags: ['tradewind'], description: 'Generated from the table of metrics by deploy/grafana/tradewind-build.ts: do not edit.',
    schemaVersion: 39, timezone: 'browser', refresh: '10s', time: { from: 'now-1h', to: 'now' }, editable: true, annotations: { list: [] },
    templating: { list: [
      { name: 'source', label: 'source', type: 'datasource', query: 'prometheus', current: {} },
      variable('instance', 'tradewind_open_queries'), variable('app', 'tradewind_slo_total'), variable('model', 'tradewind_queue_rows'),
    ] },
    panels: laidOut(),
  }, null, 1)}\n`;
}

const fresh = dashboard();
if (!process.argv.includes('--check')) {
  writeFileSync(FILE, fresh);
} else if (readFileSync(FILE, 'utf8') !== fresh) {
  process.stderr.write('deploy/grafana/tradewind.json differs from the table of metrics: run node deploy/grafana/tradewind-build.ts\n');
  process.exitCode = 1;
}
