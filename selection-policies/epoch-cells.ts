import type { Blocks, Sample } from './change-detection.ts';
import { count, fixed, real } from './cells.ts';
import type { ArmReward, Cells, Increment } from './policy.ts';

/**
 * An arm's rewards in the order in which they came, up to blocks, in cells that any number of writers may add to. An epoch
 * is the time between two changes; only the newest counts. Cells, all adds but three:
 *
 *     ARM/epoch         max   the newest epoch
 *     ARM/fell          max   the newest epoch that began with a fall
 *     ARM/E/seed        max   what was known of epoch E when it began: count · 2^10 + sum, of the rewards after the change
 *     ARM/E/n, ARM/E/s        number and sum of the rewards of epoch E
 *     ARM/E/fB/n|s            of its fine block B: rewards that came when the epoch had 8·B or more, fewer than 8·(B + 1)
 *     ARM/E/cB/n|s            of its coarse block B: fine blocks 32·B to 32·B + 31
 *
 * "Had", by the snapshot that the writer knew: a stale one makes blocks larger, never wrong. What was written to an epoch
 * that another writer had already ended is lost: one snapshot's worth at most.
 */
export interface EpochState {
  readonly epoch: number;
  readonly fell: boolean;
  /** Oldest first: what the epoch began with, what lies before the coarse blocks, coarse blocks, fine blocks. */
  readonly blocks: Blocks;
  readonly whole: Sample;
}

/** What a reward is to be counted to: a block of an epoch, or the beginning of a new one. */
export type Stamp =
  | { readonly epoch: number; readonly block: number }
  | { readonly epoch: number; readonly fell: boolean; readonly seed: Sample };

const FINE = 8;
const FINE_PER_COARSE = 32;
const COARSE_KEPT = 32;
/** A stamp is `epoch · 2^33 + block`, or `epoch · 2^33 + 2^32 + fell · 2^20 + seed`. */
const EPOCH = 2 ** 33;
const RESTART = 2 ** 32;
const FELL = 2 ** 20;
const SEED = 2 ** 10;
const MOST_EPOCHS = 2 ** 20 - 1;
/** Epochs before the newest whose sums are still read. */
const EPOCHS_KEPT = 2;

export function readEpoch(cells: Cells, arm: string): EpochState {
  const epoch = Math.min(count(cells, `${arm}/epoch`), MOST_EPOCHS);
  const at = `${arm}/${epoch}`;
  const whole = sampleOf(cells, at);
  const now = blockOf(whole.count);
  const coarseNow = Math.floor(now / FINE_PER_COARSE);
  const seed = unpackSeed(count(cells, `${at}/seed`));
  const counts: number[] = [seed.count, 0];
  const sums: number[] = [seed.sum, 0];
  let [known, knownSum] = [0, 0];
  const add = (cell: string): void => {
    const block = sampleOf(cells, cell);
    if (block.count === 0) return;
    counts.push(block.count);
    sums.push(block.sum);
    known += block.count;
    knownSum += block.sum;
  };
  for (let block = Math.max(0, coarseNow - COARSE_KEPT); block < coarseNow - 1; block++) add(`${at}/c${block}`);
  for (let block = firstFine(coarseNow); block <= now; block++) add(`${at}/f${block}`);
  counts[1] = Math.max(0, whole.count - known);
  sums[1] = Math.min(Math.max(0, whole.sum - knownSum), counts[1]);
  return {
    epoch, blocks: { counts, sums }, fell: epoch > 0 && count(cells, `${arm}/fell`) === epoch,
    whole: { count: whole.count + seed.count, sum: whole.sum + seed.sum },
  };
}

/** The rewards of an earlier epoch together. */
export function earlierEpoch(cells: Cells, arm: string, epoch: number): Sample {
  return sampleOf(cells, `${arm}/${epoch}`);
}

/** The stamp of rewards that go on in this epoch. */
export function goOn({ epoch, blocks }: EpochState): Stamp {
  const own = blocks.counts.reduce((sum, n) => sum + n, 0) - (blocks.counts[0] ?? 0);
  return { epoch, block: blockOf(own) };
}

/** The stamp of rewards that begin the next epoch, of which `after` is known already. */
export function beginNext({ epoch }: EpochState, fell: boolean, after: Sample): Stamp {
  const shrink = Math.min(1, (SEED - 1) / Math.max(1, after.count));
  return { epoch: Math.min(epoch + 1, MOST_EPOCHS), fell, seed: { count: Math.round(after.count * shrink), sum: Math.round(after.sum * shrink) } };
}

export function packStamp(stamp: Stamp): number {
  const low = 'block' in stamp ? stamp.block : RESTART + (stamp.fell ? FELL : 0) + packSeed(stamp.seed);
  return stamp.epoch * EPOCH + low;
}

/** What one reward adds. Throws RangeError on a stamp that no view gave. */
export function addToEpoch({ arm, reward, stamp = 0 }: ArmReward): Increment[] {
  if (!Number.isSafeInteger(stamp) || stamp < 0) throw new RangeError(`a stamp of ${stamp} for ${arm}`);
  const epoch = Math.floor(stamp / EPOCH);
  const low = stamp % EPOCH;
  const begins = low >= RESTART;
  const block = begins ? 0 : low;
  const sum = fixed(reward);
  const at = `${arm}/${epoch}`;
  const increments: Increment[] = [at, `${at}/f${block}`, `${at}/c${Math.floor(block / FINE_PER_COARSE)}`]
    .flatMap((cell) => [{ cell: `${cell}/n`, add: 1n }, { cell: `${cell}/s`, add: sum }]);
  if (epoch > 0) increments.push({ cell: `${arm}/epoch`, max: BigInt(epoch) });
  if (!begins) return increments;
  const rest = low - RESTART;
  if (rest >= FELL) increments.push({ cell: `${arm}/fell`, max: BigInt(epoch) });
  increments.push({ cell: `${at}/seed`, max: BigInt(rest % FELL) });
  return increments;
}

/** Cells of epochs and blocks that are no longer read. */
export function expiredEpochCells(cells: Cells): string[] {
  const newest = new Map<string, { epoch: number; coarse: number }>();
  return [...cells.keys()].filter((cell) => {
    const [arm = '', epochWord = '', block = ''] = cell.split('/');
    if (!/^[0-9]+$/u.test(epochWord)) return false;
    const epoch = Number(epochWord);
    let now = newest.get(arm);
    if (now === undefined) {
      const current = Math.min(count(cells, `${arm}/epoch`), MOST_EPOCHS);
      now = { epoch: current, coarse: Math.floor(blockOf(count(cells, `${arm}/${current}/n`)) / FINE_PER_COARSE) };
      newest.set(arm, now);
    }
    if (epoch < now.epoch - EPOCHS_KEPT) return true;
    const number = Number(block.slice(1));
    const isFine = block.startsWith('f');
    if (!/^[fc][0-9]+$/u.test(block) || epoch > now.epoch) return false;
    return epoch < now.epoch || number < (isFine ? firstFine(now.coarse) : now.coarse - COARSE_KEPT);
  });
}

function blockOf(rewards: number): number {
  return Math.min(Math.floor(rewards / FINE), RESTART - 1);
}

/** Fine blocks are read from the beginning of the last coarse block but one. */
function firstFine(coarseNow: number): number {
  return Math.max(0, (coarseNow - 1) * FINE_PER_COARSE);
}

function sampleOf(cells: Cells, cell: string): Sample {
  const rewards = count(cells, `${cell}/n`);
  return rewards === 0 ? { count: 0, sum: 0 } : { count: rewards, sum: Math.min(Math.max(real(cells, `${cell}/s`), 0), rewards) };
}

function packSeed({ count, sum }: Sample): number {
  return count * SEED + sum;
}

function unpackSeed(packed: number): Sample {
  const low = packed % FELL;
  const seen = Math.floor(low / SEED);
  return { count: seen, sum: Math.min(low % SEED, seen) };
}
