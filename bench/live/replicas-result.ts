import { standardErrorOf } from '../report/mean.ts';
import type { Cells } from '../report/table.ts';
import type { SeenSample } from './live-point.ts';
import type { MeasuredAt } from './measured-at.ts';
import { percent } from './percent.ts';

/** Goodput of four replicas by that of one, at least. */
const LEAST_RATIO = 3.95;

/** The same version with one and with more replicas, each offered as many times its capacity. */
export interface ReplicasResult extends MeasuredAt {
  readonly name: string;
  readonly title: string;
  readonly controller: string;
  /** Of one replica, by the law that it is told. */
  readonly capacityPerSecond: number;
  /** By number of replicas, the fewest first. */
  readonly points: readonly ReplicasPoint[];
  /** Absent where either end was not measured. */
  readonly ratio?: ReplicasRatio;
  /** Samples that the generator refused to report, in words. */
  readonly refused: readonly string[];
}

export interface ReplicasPoint {
  readonly replicas: number;
  readonly ratePerSecond: number;
  /** Answers of the model that the generator saw within the SLO, a second of all rounds together. */
  readonly goodPerSecond: number;
  readonly samples: readonly ReplicasSample[];
}

export interface ReplicasSample extends SeenSample {
  /** From 0 on: in each round all numbers of replicas have their turn. */
  readonly round: number;
  /** That count. */
  readonly seconds: number;
}

/** Goodput of the most replicas by that of the fewest. */
export interface ReplicasRatio {
  readonly value: number;
  /** By the rounds that both have; absent for fewer than two. */
  readonly standardError?: number;
}

export function replicasPoint(name: { readonly replicas: number; readonly ratePerSecond: number }, samples: readonly ReplicasSample[]): ReplicasPoint {
  const sum = (pick: (sample: ReplicasSample) => number): number => samples.reduce((total, sample) => total + pick(sample), 0);
  return { ...name, goodPerSecond: sum(({ good }) => good) / sum(({ seconds }) => seconds), samples };
}

/** Undefined where either was not measured, or the fewest have none in time. */
export function ratioOf(points: readonly ReplicasPoint[]): ReplicasRatio | undefined {
  const [fewest, most] = [points[0], points.at(-1)];
  if (fewest === undefined || most === undefined || fewest === most || fewest.goodPerSecond === 0) return undefined;
  const ratios = fewest.samples.flatMap(({ round, good, seconds }) => {
    const there = most.samples.find((sample) => sample.round === round);
    return there === undefined || good === 0 ? [] : [(there.good / there.seconds) / (good / seconds)];
  });
  return { value: most.goodPerSecond / fewest.goodPerSecond, ...(ratios.length < 2 ? {} : { standardError: standardErrorOf(ratios) }) };
}

/** What is not as it should be, in words; empty where the bar is reached. */
export function replicasMisses({ ratio, refused }: ReplicasResult): readonly string[] {
  if (ratio === undefined) return ['no ratio was measured', ...refused];
  return ratio.value >= LEAST_RATIO ? refused : [`${ratio.value.toFixed(2)} ×, not ${LEAST_RATIO} ×`, ...refused];
}

export function replicasTable(result: ReplicasResult): Cells {
  const { title, points, ratio } = result;
  return [
    [`replicas of ${title}`, 'requests/s', 'goodput/s', 'late', 'mean batch', 'ratio', 'at least', ''],
    ...points.map(({ replicas, ratePerSecond, goodPerSecond, samples }, at) => {
      const told = at === points.length - 1 ? [ratioText(ratio), `${LEAST_RATIO} ×`, replicasMisses(result).join('; ') || 'pass'] : ['', '', ''];
      return [String(replicas), ratePerSecond.toFixed(0), goodPerSecond.toFixed(1), percent(lateShare(samples)), (samples.reduce((sum, { meanBatchRows }) => sum + meanBatchRows, 0) / samples.length).toFixed(1), ...told];
    }),
  ];
}

function lateShare(samples: readonly ReplicasSample[]): number {
  return samples.reduce((sum, { late }) => sum + late, 0) / samples.reduce((sum, { offered }) => sum + offered, 0);
}

function ratioText(ratio: ReplicasRatio | undefined): string {
  if (ratio === undefined) return '';
  return ratio.standardError === undefined ? `${ratio.value.toFixed(2)} ×` : `${ratio.value.toFixed(2)} ± ${ratio.standardError.toFixed(2)} ×`;
}
