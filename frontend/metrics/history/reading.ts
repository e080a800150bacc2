import { quantile } from './quantile.ts';

/** What was counted of one subject until a moment, under names of the reader's choice. Of its own: nobody changes it afterwards. */
export interface Reading {
  /** Numbers that only rise. */
  readonly counters: ReadonlyMap<string, number>;
  /** Numbers that stand as they are. */
  readonly gauges: ReadonlyMap<string, number>;
  /** Times in microseconds, by bucket; one more count than there are bounds. */
  readonly histograms: ReadonlyMap<string, { readonly boundsMicros: readonly number[]; readonly counts: ArrayLike<number> }>;
}

/** What happened between two readings. */
export interface Difference {
  /** Per second; those that did not rise are left out. */
  readonly rates: ReadonlyMap<string, number>;
  /** `NAME.p50` and `NAME.p99` in milliseconds; left out where nothing was timed. */
  readonly quantiles: ReadonlyMap<string, number>;
}

/** A number that fell was begun anew (its subject was forgotten and came again): what it holds now is what is new. */
export function difference(before: Reading, now: Reading, elapsedMs: number): Difference {
  const rates = new Map<string, number>();
  for (const [name, value] of now.counters) {
    const earlier = before.counters.get(name) ?? 0;
    const more = value < earlier ? value : value - earlier;
    if (more > 0) rates.set(name, (more * 1000) / elapsedMs);
  }
  const quantiles = new Map<string, number>();
  for (const [name, { boundsMicros, counts }] of now.histograms) {
    const fresh = freshCounts(counts, before.histograms.get(name)?.counts);
    if (fresh === undefined) continue;
    quantiles.set(`${name}.p50`, (quantile(boundsMicros, fresh, 0.5) ?? 0) / 1000);
    quantiles.set(`${name}.p99`, (quantile(boundsMicros, fresh, 0.99) ?? 0) / 1000);
  }
  return { rates, quantiles };
}

/** One for all: a hundred models are compared every second, and most of them have nothing new. */
let scratch = new Float64Array(64);

/** What was counted since, valid until the next call; undefined where that is nothing. */
function freshCounts(now: ArrayLike<number>, before: ArrayLike<number> | undefined): Float64Array | undefined {
  if (scratch.length < now.length) scratch = new Float64Array(now.length);
  let total = 0;
  for (let i = 0; i < now.length; i++) {
    const more = Math.max(0, (now[i] ?? 0) - (before?.[i] ?? 0));
    scratch[i] = more;
    total += more;
  }
  return total === 0 ? undefined : scratch.subarray(0, now.length);
}
