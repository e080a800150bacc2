import type { RecordedBatch } from '../simulator/recorded-law.ts';
import type { WorkloadResult } from './result.ts';

/** The laws as they were measured, by workload: what `bench/simulator/play.ts --recorded` draws from. A sample is the mean of four batches, so that what is drawn varies half as much as batches do. Results of before have none. */
export function recordedLaws(workloads: readonly WorkloadResult[]): Map<string, readonly RecordedBatch[]> {
  return new Map(workloads.flatMap(({ name, law }) => {
    const batches = law.sizes.flatMap(({ rows, samplesMicros = [] }) => samplesMicros.map((micros) => ({ rows, micros: Math.round(micros) })));
    return batches.length === 0 ? [] : [[name, batches] as const];
  }));
}

/** A batch a line. */
export function lawFile(batches: readonly RecordedBatch[]): string {
  return `[\n${batches.map((batch) => JSON.stringify(batch)).join(',\n')}\n]\n`;
}
