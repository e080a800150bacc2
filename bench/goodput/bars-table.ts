import type { Cells } from '../report/table.ts';
import { verdict } from '../report/section.ts';
import type { Bar } from './bars.ts';

/** The bars as a table: what, how much, against what, and where it is closest. Without a verdict where the figures mean nothing. */
export function barsTable(bars: readonly Bar[], { judged = true } = {}): Cells {
  return [['simulated', 'figure', 'bar', '', 'where it is closest'], ...bars.map(({ what, figure, bar, pass, worst }) => [what, figure, bar, bar === 'reported' || !judged ? '' : verdict(pass), worst ?? ''])];
}
