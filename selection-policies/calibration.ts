import { count, fixed, real } from './cells.ts';
import type { Cells, Increment } from './policy.ts';

/** Confidences are counted in so many bins of equal width. */
const BINS = 20;

/**
 * What became of answers, by how confident they were. Cells: `/confidence/B/n`, `/c` and `/s`: the number of rewarded
 * answers whose raw confidence fell into bin B, the sum of those confidences, and of their rewards. Adds only.
 */
export interface ConfidenceBin {
  readonly count: number;
  /** Mean raw confidence, and mean reward: for a label, the share that was right. */
  readonly confidence: number;
  readonly reward: number;
}

export function addConfidence(confidence: number, reward: number): Increment[] {
  if (!(confidence >= 0 && confidence <= 1) || !(reward >= 0 && reward <= 1)) throw new RangeError(`a confidence of ${confidence}, a reward of ${reward}; expected 0 to 1`);
  const at = `/confidence/${Math.min(BINS - 1, Math.floor(confidence * BINS))}`;
  return [{ cell: `${at}/n`, add: 1n }, { cell: `${at}/c`, add: fixed(confidence) }, { cell: `${at}/s`, add: fixed(reward) }];
}

/** The bins that hold anything, by rising confidence. */
export function readConfidence(cells: Cells): ConfidenceBin[] {
  const bins: ConfidenceBin[] = [];
  for (let b = 0; b < BINS; b++) {
    const at = `/confidence/${b}`;
    const seen = count(cells, `${at}/n`);
    if (seen === 0) continue;
    const share = (cell: string): number => Math.min(1, Math.max(0, real(cells, `${at}/${cell}`) / seen));
    bins.push({ count: seen, confidence: share('c'), reward: share('s') });
  }
  return bins;
}

/** A map from raw to calibrated confidence. */
export type Calibration = (confidence: number) => number;

/** Bins of fewer answers say less than this many of a well-calibrated model: their reward is drawn towards their confidence. */
const PRIOR_ANSWERS = 10;

/**
 * Isotonic calibration (Zadrozny and Elkan, KDD 2002): the rising function nearest to the bins' rewards (pool adjacent
 * violators; Barlow et al. 1972), straight between the means of the pools, level outside. With nothing known it is the
 * identity.
 */
export function isotonic(bins: readonly ConfidenceBin[]): Calibration {
  const pools: { count: number; confidence: number; reward: number }[] = [];
  for (const bin of bins) {
    const weight = bin.count + PRIOR_ANSWERS;
    let pool = { count: weight, confidence: bin.confidence, reward: (bin.count * bin.reward + PRIOR_ANSWERS * bin.confidence) / weight };
    for (let last = pools.at(-1); last !== undefined && last.reward >= pool.reward; last = pools.at(-1)) {
      pools.pop();
      const count = last.count + pool.count;
      pool = {
        count,
        confidence: (last.count * last.confidence + pool.count * pool.confidence) / count,
        reward: (last.count * last.reward + pool.count * pool.reward) / count,
      };
    }
    pools.push(pool);
  }
  return (confidence) => {
    const after = pools.findIndex((pool) => pool.confidence >= confidence);
    const right = pools[after];
    const left = pools[after - 1];
    if (right === undefined) return pools.at(-1)?.reward ?? confidence;
    if (left === undefined) return right.reward;
    const part = (confidence - left.confidence) / (right.confidence - left.confidence);
    return left.reward + part * (right.reward - left.reward);
  };
}

/** Expected calibration error (Naeini et al., AAAI 2015): the bins' |reward - calibrated confidence|, weighed by their answers; 0 for none. */
export function calibrationError(bins: readonly ConfidenceBin[], calibration: Calibration = (confidence) => confidence): number {
  let [error, all] = [0, 0];
  for (const { count, confidence, reward } of bins) {
    error += count * Math.abs(reward - calibration(confidence));
    all += count;
  }
  return all === 0 ? 0 : error / all;
}
