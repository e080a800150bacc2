import type { Course } from './breakdown.ts';
import { stretches } from './traffic-plot.ts';
import type { Taught } from './teach.ts';

const HEIGHTS = ' ▁▂▃▄▅▆▇█';
const COLUMNS = 64;

/** Who got the traffic, and what it earned, for a terminal: a row an arm, a column a stretch of the labels. */
export function trafficRows(taught: readonly Taught[], { sound, broken }: Course): string {
  const parts = stretches(taught, COLUMNS);
  const arms = [...new Set(taught.map(({ by }) => by))].sort();
  const right = 'answers right';
  const width = Math.max(right.length, ...arms.map((arm) => arm.length));
  const row = (name: string, of: (part: (typeof parts)[number]) => number): string => `${name.padEnd(width)} │${parts.map((part) => height(of(part))).join('')}│`;
  const column = (labels: number): number => Math.round((labels / Math.max(1, taught.length)) * parts.length);
  const marks = `${' '.repeat(width + 2)}${'│ breaks'.padStart(column(sound) + 8).padEnd(column(sound + broken))}│ mended`;
  return [...arms.map((arm) => row(arm, ({ shares }) => shares.get(arm) ?? 0)), row(right, (part) => part.right), marks].join('\n');
}

/** The least share that is there at all shows. */
function height(share: number): string {
  return HEIGHTS[share === 0 ? 0 : Math.max(1, Math.round(share * (HEIGHTS.length - 1)))] ?? ' ';
}
