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
  /** Answers that no arm gave in time. */
  readonly defaults: number;
}

/** Teaches both ensembles `labels` labels, then measures them on `queries` queries each, the same images. */
export async function measureEnsembles(url: string, { labels, queries, seed }: { labels: number; queries: number; seed: number }): Promise<EnsembleFigures> {
  const measured = async (app: string): Promise<readonly Taught[]> => {
    await forget(url, app);
    await teach({ url, app, queries: labels, together: 4, seed });
    return teach({ url, app, queries, together: 1, seed: seed + 1, tell: false });
  };
  const four = await measured('four');
  const five = await measured('five');
  const latencies = five.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
  const at = (part: number): number => latencies[Math.min(latencies.length - 1, Math.floor(part * latencies.length))] ?? 0;
  return {
    accuracyFive: accuracy(five), accuracyFour: accuracy(four), p50Ms: at(0.5), p99Ms: at(0.99), calibrationError: errorOf(five),
    defaults: five.filter(({ by }) => by === 'default').length,
  };
}

function accuracy(taught: readonly Taught[]): number {
  return taught.filter(({ right }) => right).length / taught.length;
}

function errorOf(taught: readonly Taught[]): number {
  const cells = new Map<string, bigint>();
  for (const { confidence, right } of taught) if (confidence !== undefined) apply(cells, addConfidence(confidence, right ? 1 : 0));
  return calibrationError(readConfidence(cells));
}
