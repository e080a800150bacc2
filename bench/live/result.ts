import { standardErrorOf } from '../report/mean.ts';
import type { Cells } from '../report/table.ts';
import type { LiveSample } from './live-point.ts';
import type { MeasuredAt } from './measured-at.ts';
import type { MeasuredLaw } from './measure-law.ts';
import { percent } from './percent.ts';
import { replicasMisses, replicasTable, type ReplicasResult } from './replicas-result.ts';

/** Of the oracle's goodput, at least; as much below another controller, at most; answers late, at most. */
const BARS = { oracle: 0.9, behind: 0.01, late: 0.001 };
/** Nobody does better than the oracle, but for what the law's measurement is off by, and for batches that are faster than its medians, which it goes by. */
export const MOST_OF_ORACLE = 1.03;

export interface LiveResult {
  /** The controller that is held to the bars. */
  readonly ours: string;
  readonly workloads: readonly WorkloadResult[];
  /** Absent where it was not asked for, and in results of before. */
  readonly replicas?: ReplicasResult;
}

export interface WorkloadResult extends MeasuredAt {
  readonly name: string;
  readonly title: string;
  readonly sloMs: number;
  /** What the loads are multiples of the capacity of. */
  readonly law: MeasuredLaw;
  readonly capacityPerSecond: number;
  readonly points: readonly LivePoint[];
  /** Samples that the generator refused to report, in words. */
  readonly refused: readonly string[];
}

/** One controller at one load: the samples of all rounds, and what they come to. */
export interface LivePoint {
  readonly controller: string;
  readonly load: number;
  readonly ratePerSecond: number;
  /** Goodput as a share of what was offered, and of what the oracle does. */
  readonly goodShare: number;
  readonly oracleShare: number;
  /** Absent where the oracle itself has none in time, as in a small run with few arrivals. */
  readonly ofOracle?: number;
  /** Late answers of whatever source, as a share of what was offered: every query is answered, by a default where no model was in time. Held to the bar. */
  readonly lateShare: number;
  /** The same as a share of those that were late or a model's in time, so that refusals dilute nothing. Absent where there are none, and in results of before. */
  readonly lateOfModelShare?: number;
  /** Of what was offered, what was late because the generator was: results of before do not say. */
  readonly lateByGeneratorShare?: number;
  readonly meanBatchRows: number;
  readonly samples: readonly RoundSample[];
}

export interface RoundSample extends LiveSample {
  /** From 0 on: in one round all controllers have the same arrivals. */
  readonly round: number;
}

export interface PointName {
  readonly controller: string;
  readonly load: number;
  readonly ratePerSecond: number;
}

export function pointOf(name: PointName, samples: readonly RoundSample[]): LivePoint {
  const sum = (pick: (sample: LiveSample) => number): number => samples.reduce((total, sample) => total + pick(sample), 0);
  const offered = sum(({ offered }) => offered);
  const oracle = sum(({ oracle }) => oracle);
  const [good, late] = [sum(({ good }) => good), sum(({ late }) => late)];
  return {
    ...name,
    goodShare: good / offered, oracleShare: oracle / offered,
    ...(oracle === 0 ? {} : { ofOracle: good / oracle }), lateShare: late / offered, ...(good + late === 0 ? {} : { lateOfModelShare: late / (good + late) }),
    lateByGeneratorShare: sum(({ lateByGenerator }) => lateByGenerator) / offered,
    meanBatchRows: sum(({ meanBatchRows }) => meanBatchRows) / samples.length, samples,
  };
}

/** What a point of ours misses, in words; empty where it reaches its bars. */
export function misses(point: LivePoint, beside: readonly LivePoint[]): readonly string[] {
  const found: string[] = [];
  const { ofOracle } = point;
  if (ofOracle === undefined) found.push('the oracle has none in time');
  else {
    if (ofOracle < BARS.oracle) found.push(`${percent(ofOracle)} of the oracle, not ${percent(BARS.oracle)}`);
    if (ofOracle > MOST_OF_ORACLE) found.push(`${percent(ofOracle)} of the oracle: the model was faster than when its law was measured`);
    for (const other of beside) {
      if (other.controller === point.controller || other.load !== point.load) continue;
      const behind = (other.ofOracle ?? 0) - ofOracle;
      if (behind > BARS.behind) found.push(`${percent(behind)} behind ${other.controller}${plusMinus(standardError(point, other))}`);
    }
  }
  if (point.lateShare > BARS.late) found.push(`${percent(point.lateShare)} late${ofThese(point.lateByGeneratorShare)}`);
  return found;
}

/** Whether all that was measured reaches its bars. */
export function reachesBars({ ours, workloads, replicas }: LiveResult): boolean {
  return workloads.every(({ points, refused }) => refused.length === 0 && points.every((point) => point.controller !== ours || misses(point, points).length === 0))
    && (replicas === undefined || replicasMisses(replicas).length === 0);
}

/** Of what was measured. */
export function liveTables(result: LiveResult): readonly Cells[] {
  return [...(result.workloads.length === 0 ? [] : [liveTable(result)]), ...(result.replicas === undefined ? [] : [replicasTable(result.replicas)])];
}

/** Results of before do not say what was late of the model's answers: no column then. */
export function liveTable({ ours, workloads }: LiveResult): Cells {
  const saysOfModel = workloads.some(({ points }) => points.some(({ lateOfModelShare }) => lateOfModelShare !== undefined));
  const ofModel = (cell: string): readonly string[] => (saysOfModel ? [cell] : []);
  return [
    ['live', 'load', 'requests/s', 'oracle', 'goodput', 'of oracle', 'late', ...ofModel('late of model’s'), 'mean batch', 'p99 ms', 'why not', ''],
    ...workloads.flatMap(({ name, points }) => points.map((point) => [
      `${name}, ${point.controller}`, String(point.load), point.ratePerSecond.toFixed(0), point.oracleShare.toFixed(3), point.goodShare.toFixed(3), point.ofOracle?.toFixed(3) ?? '',
      percent(point.lateShare), ...ofModel(point.lateOfModelShare === undefined ? '' : percent(point.lateOfModelShare)), point.meanBatchRows.toFixed(1), (Math.max(...point.samples.map(({ p99Micros }) => p99Micros)) / 1000).toFixed(1), reasonsOf(point),
      point.controller === ours ? misses(point, points).join('; ') || 'pass' : '',
    ])),
  ];
}

/** The two commonest reasons of answers that were not the model's. */
function reasonsOf({ samples }: LivePoint): string {
  const counts = new Map<string, number>();
  for (const { reasons } of samples) for (const [reason, count] of Object.entries(reasons)) counts.set(reason, (counts.get(reason) ?? 0) + count);
  const offered = samples.reduce((total, sample) => total + sample.offered, 0);
  return [...counts].toSorted(([, a], [, b]) => b - a).slice(0, 2).map(([reason, count]) => `${reason} ${percent(count / offered)}`).join(', ');
}

/** It counts all the same: who asks sees it late. */
function ofThese(byGenerator: number | undefined): string {
  return byGenerator === undefined || byGenerator === 0 ? '' : `, ${percent(byGenerator)} by the generator`;
}

/** Of the difference between two controllers' shares of the oracle, by the rounds that both have; undefined for fewer than two. */
function standardError(one: LivePoint, other: LivePoint): number | undefined {
  const differences = one.samples.flatMap(({ round, good, oracle }) => {
    const there = other.samples.find((sample) => sample.round === round);
    return there === undefined || oracle === 0 || there.oracle === 0 ? [] : [good / oracle - there.good / there.oracle];
  });
  return differences.length < 2 ? undefined : standardErrorOf(differences);
}

function plusMinus(error: number | undefined): string {
  return error === undefined ? '' : ` (± ${percent(error)} by the rounds)`;
}
