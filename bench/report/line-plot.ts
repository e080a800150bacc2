import { colour, dot, line, polyline, svgDocument, text, type Hue } from './svg.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly hue: Hue;
  /** How it is drawn: `strong` is what the plot is about; `dots` draws no line. */
  readonly style?: 'strong' | 'plain' | 'dashed' | 'dotted' | 'dots';
  /** Without a label of its own at the right. */
  readonly silent?: boolean;
}

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly scale?: 'linear' | 'log';
  readonly format?: (value: number) => string;
}

export interface LinePlot {
  readonly title: string;
  readonly subtitle?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly width?: number;
  readonly height?: number;
  /** Room for the labels at the right. */
  readonly gutter?: number;
}

const LEFT = 44;
const TOP = 64;
const BOTTOM = 40;
const LABEL_HEIGHT = 12.5;

/** Lines over two axes, each named at its right end instead of in a legend. */
export function linePlot(plot: LinePlot): string {
  const { width = 520, height = 320, gutter = 118 } = plot;
  const frame = { left: LEFT, right: width - gutter, top: TOP, bottom: height - BOTTOM };
  const at = placer(plot, frame);
  const strongLast = plot.series.toSorted((a, b) => Number(a.style === 'strong') - Number(b.style === 'strong'));
  const content = [
    text({ x: 12, y: 20 }, plot.title, 'class="title"'),
    plot.subtitle === undefined ? '' : text({ x: 12, y: 35 }, plot.subtitle),
    ...grid(plot, frame, at),
    ...strongLast.map((series) => drawn(series, at)),
    ...labels(plot.series.filter(({ silent, points }) => silent !== true && points.length > 0), frame, at),
  ];
  return svgDocument({ width, height, about: `${plot.title}: ${plot.y.label} by ${plot.x.label}` }, content.join(''));
}

interface Frame { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number }
type Place = (x: number, y: number) => { x: number; y: number };

function placer({ x, y }: LinePlot, frame: Frame): Place {
  const along = (axis: Axis, value: number): number => {
    const of = axis.scale === 'log' ? Math.log : (v: number): number => v;
    return (of(value) - of(axis.from)) / (of(axis.to) - of(axis.from));
  };
  return (vx, vy) => ({
    x: frame.left + along(x, vx) * (frame.right - frame.left),
    y: frame.bottom - Math.min(1.02, Math.max(0, along(y, vy))) * (frame.bottom - frame.top),
  });
}

function grid({ x, y }: LinePlot, frame: Frame, at: Place): string[] {
  const parts: string[] = [];
  for (const tick of y.ticks) {
    const place = at(x.from, tick);
    parts.push(line(place, { x: frame.right, y: place.y }, 'var(--rule)'), text({ x: frame.left - 6, y: place.y + 4 }, (y.format ?? String)(tick), 'text-anchor="end"'));
  }
  for (const tick of x.ticks) {
    const place = at(tick, y.from);
    parts.push(line(place, { x: place.x, y: place.y + 4 }, 'var(--soft)'), text({ x: place.x, y: place.y + 16 }, (x.format ?? String)(tick), 'text-anchor="middle"'));
  }
  parts.push(line({ x: frame.left, y: frame.bottom }, { x: frame.right, y: frame.bottom }, 'var(--soft)'));
  parts.push(text({ x: (frame.left + frame.right) / 2, y: frame.bottom + 32 }, x.label, 'text-anchor="middle"'));
  parts.push(text({ x: 12, y: frame.top - 8 }, y.label, 'font-style="italic"'));
  return parts;
}

function drawn({ points, hue, style = 'plain' }: Series, at: Place): string {
  const placed = points.map(([x, y]) => at(x, y));
  const stroke = colour(hue);
  switch (style) {
    case 'dots': return placed.map((place) => dot(place, 1.6, stroke, 'fill-opacity="0.55"')).join('');
    case 'strong': return polyline(placed, stroke, 'stroke-width="3"') + (placed.length <= 8 ? placed.map((place) => dot(place, 3.6, stroke)).join('') : '');
    case 'plain': return polyline(placed, stroke, 'stroke-width="1.6"');
    case 'dashed': return polyline(placed, stroke, 'stroke-width="1.6" stroke-dasharray="5 4"');
    case 'dotted': return polyline(placed, stroke, 'stroke-width="1.6" stroke-dasharray="1 4"');
  }
}

/** Each at the height of its line's end, moved apart where they would cover each other. */
function labels(series: readonly Series[], frame: Frame, at: Place): string[] {
  const wanted = series.map((one) => {
    const [x, y] = one.points.at(-1) ?? [0, 0];
    return { one, end: at(x, y) };
  }).toSorted((a, b) => a.end.y - b.end.y);
  const heights = apart(wanted.map(({ end }) => end.y), { from: frame.top, to: frame.bottom });
  return wanted.flatMap(({ one, end }, i) => {
    const y = heights[i] ?? end.y;
    const x = frame.right + 14;
    const weight = one.style === 'strong' ? ';font-weight:700' : '';
    return [
      polyline([{ x: Math.max(end.x, frame.right - 200) + 3, y: end.y }, { x: Math.max(end.x, frame.right - 200) + 7, y: end.y }, { x: x - 3, y }], colour(one.hue), 'stroke-width="0.8" stroke-opacity="0.6"'),
      text({ x, y: y + 4 }, one.name, `class="label" style="fill:${colour(one.hue)}${weight}"`),
    ];
  });
}

/** Sorted heights, pushed apart to at least one label each, and kept within the frame where they fit. */
function apart(heights: readonly number[], { from, to }: { from: number; to: number }): number[] {
  const placed = [...heights];
  for (let i = 1; i < placed.length; i++) placed[i] = Math.max(placed[i] ?? 0, (placed[i - 1] ?? 0) + LABEL_HEIGHT);
  const over = (placed.at(-1) ?? 0) - to;
  if (over > 0) {
    placed[placed.length - 1] = to;
    for (let i = placed.length - 2; i >= 0; i--) placed[i] = Math.min(placed[i] ?? 0, (placed[i + 1] ?? 0) - LABEL_HEIGHT);
  }
  const under = from - (placed[0] ?? from);
  return under > 0 ? placed.map((height) => height + under) : placed;
}
