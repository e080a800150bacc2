import type { Cells } from '../report/table.ts';
import type { DurableRun } from './durable.ts';
import type { ExactRun } from './exact.ts';

/** Pieces of feedback a second that the embedded store must make durable, by how many come in a request. */
const AT_LEAST: ReadonlyMap<number, number> = new Map([[100, 50_000], [1, 5_000]]);

export interface FeedbackBar {
  readonly what: string;
  readonly measured: string;
  readonly bar: string;
  readonly pass: boolean;
}

export interface FeedbackResult {
  readonly durable: readonly DurableRun[];
  readonly exact: readonly ExactRun[];
  readonly bars: readonly FeedbackBar[];
}

/** Redis is as quick as the server that somebody else runs: it is told, and held to no rate. */
export function barsOf(durable: readonly DurableRun[], exact: readonly ExactRun[]): readonly FeedbackBar[] {
  return [
    ...durable.filter(({ store }) => store === undefined).map((run): FeedbackBar => {
      const atLeast = AT_LEAST.get(run.batch) ?? 0;
      return { what: nameOf(run), measured: `${run.perSecond.toFixed(0)}/s`, bar: `>= ${atLeast}/s`, pass: run.perSecond >= atLeast };
    }),
    ...exact.map((run) => ({ what: exactName(run), measured: run.exact ? 'exact' : 'WRONG', bar: 'exact', pass: run.exact })),
  ];
}

export function feedbackTable({ durable, exact }: Pick<FeedbackResult, 'durable' | 'exact'>): Cells {
  const bars = barsOf(durable, exact);
  const verdict = (what: string): string[] => {
    const held = bars.find((bar) => bar.what === what);
    return held === undefined ? ['', ''] : [held.bar, held.pass ? 'pass' : 'MISSED'];
  };
  return [
    ['feedback', 'a second', 'CPU µs each', 'p99 ms', 'bar', ''],
    ...durable.map((run) => [nameOf(run), run.perSecond.toFixed(0), run.cpuMicrosEach.toFixed(1), run.p99Ms.toFixed(2), ...verdict(nameOf(run))]),
    ...exact.map((run) => [exactName(run), run.perSecond.toFixed(0), '', '', ...verdict(exactName(run))]),
  ];
}

function nameOf({ store, batch, connections }: DurableRun): string {
  return `durable (${store ?? 'SQLite'}), ${batch} a request, ${connections} connections`;
}

function exactName({ kind, sent }: ExactRun): string {
  return `two brokers on one Redis, ${kind}: ${sent} rewards, repeated and out of order`;
}
