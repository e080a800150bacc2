import type { Served, ServedDirectory } from '../../domain/served.ts';
import type { ServedStatistics, Spent, StatisticsSource } from '../../domain/statistics.ts';

/** Triton's `StatisticDuration`. */
export interface StatisticDuration {
  readonly count: number;
  readonly ns: number;
}

export interface BatchStatistics {
  readonly batch_size: number;
  readonly compute_input: StatisticDuration;
  readonly compute_infer: StatisticDuration;
  readonly compute_output: StatisticDuration;
}

/** Triton's `ModelStatistics`, in the names of its JSON form. */
export interface ModelStatistics {
  readonly name: string;
  readonly version: string;
  /** Milliseconds of the epoch; 0 where there was no inference. */
  readonly last_inference: number;
  readonly inference_count: number;
  readonly execution_count: number;
  readonly inference_stats: Readonly<Record<'success' | 'fail' | 'queue' | 'compute_input' | 'compute_infer' | 'compute_output' | 'cache_hit' | 'cache_miss', StatisticDuration>>;
  readonly batch_stats: readonly BatchStatistics[];
}

/** Of one name, or of all; of one version, where one is given. */
export function modelStatistics(source: StatisticsSource, directory: ServedDirectory, only?: Served): { readonly model_stats: readonly ModelStatistics[] } {
  const all = only === undefined ? directory.list() : [only];
  const version = only?.pin?.version === undefined ? undefined : only.version;
  return { model_stats: all.flatMap(({ kind, name }) => source.of(kind, name).filter((one) => version === undefined || one.version === version).map((one) => statisticsOf(name, one))) };
}

/** Sending a batch and reading its answer are one time here: it stands as `compute_input`. */
function statisticsOf(name: string, of: ServedStatistics): ModelStatistics {
  return {
    name, version: String(of.version), last_inference: of.lastAtEpochMs, inference_count: of.rows, execution_count: of.batches,
    inference_stats: {
      success: duration(of.success), fail: duration(of.fail), queue: duration(of.queue), compute_input: duration(of.transfer),
      compute_infer: duration(of.compute), compute_output: { count: of.compute.count, ns: 0 },
      cache_hit: { count: of.cacheHits, ns: 0 }, cache_miss: { count: of.cacheMisses, ns: 0 },
    },
    batch_stats: of.byRows.map(({ rows, compute }) => ({ batch_size: rows, compute_input: NONE, compute_infer: duration(compute), compute_output: NONE })),
  };
}

const NONE: StatisticDuration = Object.freeze({ count: 0, ns: 0 });

function duration({ count, micros }: Spent): StatisticDuration {
  return { count, ns: Math.round(micros * 1000) };
}
