/** Rewards in [0, 1] in the order in which they came, in blocks: how many in each, and their sum. */
export interface Blocks {
  readonly counts: readonly number[];
  readonly sums: readonly number[];
}

/** Where rewards most likely changed, and how strongly they speak for it. */
export interface Change {
  /** The log of the likelihood ratio of "the mean changed there" to "it never did"; 0 where there is no place. */
  readonly statistic: number;
  /** The first block after the change. */
  readonly split: number;
  readonly before: Sample;
  readonly after: Sample;
}

export interface Sample {
  readonly count: number;
  readonly sum: number;
}

/**
 * The Bernoulli generalised likelihood ratio (Besson and Kaufmann, "The generalized likelihood ratio test meets klUCB",
 * 2019, equation 4): the greatest over all places s between two blocks of
 * s·kl(mean before, mean) + (n - s)·kl(mean after, mean). Rewards need not be binary: those in [0, 1] are sub-Bernoulli.
 */
export function bernoulliGlr({ counts, sums }: Blocks): Change {
  let count = 0;
  let sum = 0;
  for (let b = 0; b < counts.length; b++) {
    count += counts[b] ?? 0;
    sum += sums[b] ?? 0;
  }
  const whole = spread(count, sum);
  let [best, split, countBefore, sumBefore] = [0, 0, 0, 0];
  let before: Sample = { count: 0, sum: 0 };
  for (let b = 0; b + 1 < counts.length; b++) {
    countBefore += counts[b] ?? 0;
    sumBefore += sums[b] ?? 0;
    if (countBefore <= 0 || countBefore >= count) continue;
    const statistic = whole - spread(countBefore, sumBefore) - spread(count - countBefore, sum - sumBefore);
    if (statistic <= best) continue;
    [best, split, before] = [statistic, b + 1, { count: countBefore, sum: sumBefore }];
  }
  return { statistic: best, split, before, after: { count: count - before.count, sum: sum - before.sum } };
}

/**
 * What the statistic of `count` rewards must exceed: ln(3 n^(3/2) / δ), the threshold that they use in practice. The chance
 * that it is ever exceeded without a change is of the order of δ.
 */
export function glrThreshold(count: number, delta: number): number {
  return Math.log(3 / delta) + 1.5 * Math.log(Math.max(1, count));
}

/** n·h(mean), h the entropy in nats: what a constant mean leaves unexplained. The statistic above is a difference of three. */
function spread(count: number, sum: number): number {
  const good = Math.min(Math.max(sum, 0), count);
  const bad = count - good;
  let total = 0;
  if (good > 0) total -= good * Math.log(good / count);
  if (bad > 0) total -= bad * Math.log(bad / count);
  return total;
}
