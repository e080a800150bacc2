import { addConfidence, calibrationError, readConfidence } from '../../selection-policies/calibration.ts';
import { apply } from '../../selection-policies/cells.ts';
import { forget, teach, type Taught } from './teach.ts';

export const SLO_MS = 20;

/** Five models with a straggler, against the four others. */
export interface EnsembleFigures {
  readonly accuracyFive: number;
  readonly accuracyFour: number;
  /** Of the five's answers, by the broker's clock. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Expected calibration error of the five's confidence, over 20 bins, on answers whose labels were not told. */
  readonly calibrationError: number;
  /** Answers that no arm gave in time, of the five and of the four. */
  readonly defaultsFive: number;
  readonly defaultsFour: number;
  /** The share of answers that each arm was missing from, of the five and of the four. */
  readonly missingFive: Readonly<Record<string, number>>;
  readonly missingFour: Readonly<Record<string, number>>;
}

/**
 * Teaches both ensembles `labels` labels, then measures them on `queries` images: each image is asked of both, one after the
 * other, so that what else the machine does meanwhile is the same for both.
 */
export async function measureEnsembles(url: string, { labels, queries, seed }: { labels: number; queries: number; seed: number }): Promise<EnsembleFigures> {
  for (const app of ['four', 'five']) {
    await forget(url, app);
    await teach({ url, apps: [app], queries: labels, together: 4, seed });
  }
  const both = await teach({ url, apps: ['four', 'five'], queries, together: 1, seed: seed + 1, tell: false });
  const [four, five] = ['four', 'five'].map((app) => both.filter((taught) => taught.app === app));
  if (four === undefined || five === undefined) throw new Error('neither was asked');
  const latencies = five.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  const at = (part: number): number => latencies[Math.min(latencies.length - 1, Math.floor(part * latencies.length))] ?? 0;
  return {
    accuracyFive: accuracy(five), accuracyFour: accuracy(four), p50Ms: at(0.5), p99Ms: at(0.99), calibrationError: errorOf(five),
    defaultsFive: defaults(five), defaultsFour: defaults(four), missingFive: missingOf(five), missingFour: missingOf(four),
  };
}

function accuracy(taught: readonly Taught[]): number {
  return taught.filter(({ right }) => right).length / taught.length;
}

function defaults(taught: readonly Taught[]): number {
  return taught.filter(({ by }) => by === 'default').length;
}

function missingOf(taught: readonly Taught[]): Readonly<Record<string, number>> {
  const shares: Record<string, number> = {};
  for (const { missing } of taught) for (const arm of missing) shares[arm] = (shares[arm] ?? 0) + 1 / taught.length;
  return Object.fromEntries(Object.entries(shares).map(([arm, share]) => [arm, Number(share.toFixed(4))]));
}

function errorOf(taught: readonly Taught[]): number {
  const cells = new Map<string, bigint>();
  for (const { confidence, right } of taught) if (confidence !== undefined) apply(cells, addConfidence(confidence, right ? 1 : 0));
  return calibrationError(readConfidence(cells));
}
