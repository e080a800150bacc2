import { colour, line, rectangle, svgDocument, text, type Hue } from './svg.ts';

export interface Segment {
  readonly name: string;
  readonly hue: Hue;
}

export interface BarPlot {
  readonly title: string;
  readonly subtitle?: string;
  /** What a bar is made of, from the left. */
  readonly segments: readonly Segment[];
  /** Shares of the segments, summing to 1 at most. */
  readonly bars: readonly { readonly name: string; readonly shares: readonly number[]; readonly strong?: boolean }[];
  readonly width?: number;
}

const LEFT = 122;
const TOP = 66;
const ROW = 22;

/** Horizontal bars of shares, the segments named above the first bar. */
export function barPlot({ title, subtitle, segments, bars, width = 520 }: BarPlot): string {
  const height = TOP + bars.length * ROW + 30;
  const right = width - 20;
  const at = (share: number): number => LEFT + share * (right - LEFT);
  const parts = [text({ x: 12, y: 20 }, title, 'class="title"'), subtitle === undefined ? '' : text({ x: 12, y: 35 }, subtitle)];
  let x = LEFT;
  for (const { name, hue } of segments) {
    parts.push(rectangle({ x, y: TOP - 18, width: 9, height: 9 }, colour(hue), 'rx="2"'), text({ x: x + 13, y: TOP - 10 }, name));
    x += 26 + name.length * 5.7;
  }
  bars.forEach(({ name, shares, strong }, i) => {
    const y = TOP + i * ROW;
    parts.push(text({ x: LEFT - 8, y: y + 13 }, name, `text-anchor="end" ${strong === true ? 'style="fill:var(--ink);font-weight:700"' : ''}`));
    let from = 0;
    shares.forEach((share, s) => {
      const hue = segments[s]?.hue;
      if (share > 0 && hue !== undefined) parts.push(rectangle({ x: at(from), y: y + 2, width: Math.max(0.5, at(from + share) - at(from)), height: ROW - 6 }, colour(hue)));
      if (share >= 0.06 && hue !== undefined) parts.push(text({ x: at(from + share / 2), y: y + 14 }, (share * 100).toFixed(0), 'text-anchor="middle" style="fill:var(--paper);font-weight:600"'));
      from += share;
    });
  });
  const bottom = TOP + bars.length * ROW;
  for (const tick of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(line({ x: at(tick), y: bottom }, { x: at(tick), y: bottom + 4 }, 'var(--soft)'), text({ x: at(tick), y: bottom + 16 }, `${tick * 100} %`, 'text-anchor="middle"'));
  }
  return svgDocument({ width, height, about: title }, parts.join(''));
}
