import { verdict } from '../report/section.ts';
import type { Cells } from '../report/table.ts';

/** What became of the queries of one kind of container while replicas of it were killed. */
export interface KillsOfKind {
  readonly kind: string;
  /** Replicas that were killed, each among four, under load. */
  readonly kills: number;
  /** Queries a second, and what share of a closed loop's that is. */
  readonly ratePerSecond: number;
  readonly load: number;
  readonly sloMs: number;
  /** As the broker sees it, mean. */
  readonly batchMs: number;
  readonly sent: number;
  readonly unanswered: number;
  readonly errors: number;
  readonly defaults: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly pass: boolean;
}

/** What the issue of the containers asks for, where the objective is at least five times the time of a batch. */
export const BARS = Object.freeze({ unanswered: 0, errors: 0, defaultShare: 0.001, batchesInSlo: 5 });

export function judged(counts: Omit<KillsOfKind, 'pass'>): KillsOfKind {
  const { unanswered, errors, defaults, sent, sloMs, batchMs } = counts;
  const pass = unanswered <= BARS.unanswered && errors <= BARS.errors && defaults <= BARS.defaultShare * sent && sloMs >= BARS.batchesInSlo * batchMs;
  return { ...counts, pass };
}

export function killsTable(kinds: readonly KillsOfKind[]): Cells {
  return [
    ['container', 'kills', 'queries', 'a second', 'batch ms', 'SLO ms', 'unanswered', 'errors', 'defaults', 'at most', ''],
    ...kinds.map(({ kind, kills, sent, ratePerSecond, batchMs, sloMs, unanswered, errors, defaults, reasons, pass }) => [
      kind, String(kills), String(sent), ratePerSecond.toFixed(0), batchMs.toFixed(1), String(sloMs), String(unanswered), String(errors),
      `${((100 * defaults) / sent).toFixed(3)} %${Object.keys(reasons).length === 0 ? '' : ` (${Object.entries(reasons).map(([reason, count]) => `${reason} ${count}`).join(', ')})`}`,
      `${BARS.defaultShare * 100} %`, verdict(pass),
    ]),
  ];
}
