import { svg } from './dom.ts';

const WIDTH = 96;
const HEIGHT = 22;

/** A small line without an axis, that only says how something went; for eyes only. */
export function spark(values: readonly (number | null)[]): SVGElement {
  const most = Math.max(Number.MIN_VALUE, ...values.map((value) => value ?? 0));
  const points = values.map((value, i) => `${((i / Math.max(1, values.length - 1)) * (WIDTH - 2) + 1).toFixed(1)},${(HEIGHT - 2 - ((value ?? 0) / most) * (HEIGHT - 4)).toFixed(1)}`);
  return svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, class: 'spark', 'aria-hidden': 'true' }, svg('polyline', { points: points.join(' ') }));
}

/** A mean with the bounds that it lies within, on a line from 0 to 1. */
export function interval(reward: { readonly mean: number; readonly low: number; readonly high: number } | undefined): SVGElement {
  const x = (value: number): number => 4 + value * (WIDTH + 32 - 8);
  const parts = reward === undefined ? [] : [
    svg('line', { class: 'range', x1: x(reward.low), x2: x(reward.high), y1: HEIGHT / 2, y2: HEIGHT / 2 }),
    svg('circle', { cx: x(reward.mean), cy: HEIGHT / 2, r: 3.5 }),
  ];
  return svg('svg', { viewBox: `0 0 ${WIDTH + 32} ${HEIGHT}`, width: WIDTH + 32, height: HEIGHT, class: 'interval', 'aria-hidden': 'true' },
    svg('line', { class: 'scale', x1: x(0), x2: x(1), y1: HEIGHT / 2, y2: HEIGHT / 2 }), ...parts);
}
