import { h, svg } from './dom.ts';
import { count, objective } from './format.ts';
import type { BatchPicture } from './snapshot.ts';

const HEIGHT = 280;
const LEFT = 58;
const RIGHT = 14;
const TOP = 14;
const BOTTOM = 40;
/** Lines that a person can take in at an axis. */
const TICKS = 5;
/** What the objective's name takes beside the planned size. */
const NAME_WIDTH = 100;

/**
 * The picture that explains why this batch size: each of the last batches as a point, the learned law through them (mean and
 * p99), the objective as a level, and the size that the controller plans where it stands. `width` in pixels, as wide as its
 * place is: letters are then as large as everywhere.
 */
export function batchChart(picture: BatchPicture, width: number): HTMLElement {
  const { law, batches, sloMs, plannedRows } = picture;
  const right = width - RIGHT;
  const planned = law.find(({ rows }) => rows >= plannedRows);
  const mostRows = Math.max(4, plannedRows, ...batches.map(([rows]) => rows)) * 1.12;
  const shownLaw = law.filter(({ rows }) => rows <= mostRows);
  const seen = batches.map(([, ms]) => ms).toSorted((a, b) => a - b);
  // A few outliers must not press the rest to the floor: they are drawn at the top.
  const usual = Math.max(seen[Math.floor(seen.length * 0.97)] ?? 0, planned?.tailMs ?? 0, shownLaw[0]?.tailMs ?? 0) * 1.15;
  const mostMs = usual * 4 < sloMs ? usual : Math.max(usual, sloMs * 1.1);
  const x = (rows: number): number => LEFT + (rows / mostRows) * (right - LEFT);
  const y = (ms: number): number => HEIGHT - BOTTOM - (Math.min(ms, mostMs) / mostMs) * (HEIGHT - BOTTOM - TOP);
  const path = (of: 'meanMs' | 'tailMs'): string => shownLaw.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.rows).toFixed(1)} ${y(point[of]).toFixed(1)}`).join('');
  const hasLevel = sloMs <= mostMs;
  // The objective's name would lie across the planned size, and its name: it stands at the other end.
  const isBeside = plannedRows > 0 && x(plannedRows) > right - NAME_WIDTH;
  const drawing = svg('svg', { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', class: 'batches' }, svg('title', {}, describe(picture)),
    ...ticks(mostMs).map((ms) => svg('g', { class: 'tick' }, svg('line', { x1: LEFT, x2: right, y1: y(ms), y2: y(ms) }), svg('text', { x: LEFT - 8, y: y(ms) + 4, 'text-anchor': 'end' }, objective(ms)))),
    ...ticks(mostRows).filter(Number.isInteger).map((rows) => svg('text', { class: 'tick', x: x(rows), y: HEIGHT - BOTTOM + 18, 'text-anchor': 'middle' }, count(rows))),
    svg('text', { class: 'tick', x: (LEFT + right) / 2, y: HEIGHT - 4, 'text-anchor': 'middle' }, 'rows of a batch'),
    ...(hasLevel ? [svg('line', { class: 'level', x1: LEFT, x2: right, y1: y(sloMs), y2: y(sloMs) })] : []),
    ...batches.map(([rows, ms], i) => svg('circle', { class: 'batch', cx: x(rows).toFixed(1), cy: y(ms).toFixed(1), r: 2.6, opacity: (0.2 + (0.5 * i) / batches.length).toFixed(2) })),
    svg('path', { class: 'tail', d: path('tailMs') }), svg('path', { class: 'mean', d: path('meanMs') }),
    ...(planned === undefined || plannedRows === 0 ? [] : [
      svg('line', { class: 'planned', x1: x(plannedRows), x2: x(plannedRows), y1: TOP, y2: HEIGHT - BOTTOM }),
      svg('circle', { class: 'planned', cx: x(plannedRows), cy: y(planned.tailMs), r: 4 }),
      svg('text', { class: 'planned over', x: x(plannedRows) + (plannedRows > mostRows / 2 ? -8 : 8), y: TOP + 10, 'text-anchor': plannedRows > mostRows / 2 ? 'end' : 'start' }, `planned: ${count(plannedRows)}`),
    ]),
    ...(hasLevel ? [svg('text', { class: 'tick over', x: isBeside ? LEFT + 6 : right, y: y(sloMs) - 5, 'text-anchor': isBeside ? 'start' : 'end' }, `objective ${objective(sloMs)}`)] : []));
  return h('figure', { class: 'chart' }, h('figcaption', {}, h('span', { class: 'title', text: 'Batch size and latency' }), h('span', { class: 'legend' },
    h('span', {}, h('i', { class: 'swatch dot' }), 'a batch'), h('span', {}, h('i', { class: 'swatch accent' }), 'mean, learned'), h('span', {}, h('i', { class: 'swatch second dashed' }), 'p99, learned'))), drawing);
}

function describe({ batches, plannedRows, sloMs }: BatchPicture): string {
  return `The last ${batches.length} batches by size and latency, with the learned law through them. Planned size ${count(plannedRows)}, objective ${objective(sloMs)}.`;
}

/** Round numbers up to `most`, without 0. */
function ticks(most: number): number[] {
  const rough = most / TICKS;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * size).find((one) => one >= rough) ?? rough;
  return Array.from({ length: Math.floor(most / step) }, (_, i) => (i + 1) * step);
}
