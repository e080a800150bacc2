import type { Settled, Slice, Task } from '../../frontend/batching/task.ts';
import type { Query } from '../../frontend/domain/query.ts';

export interface TestTask extends Task {
  readonly name: string;
}

/** A task without tensors: the batcher looks at deadlines, counts and keys only. */
export function makeTask(more: {
  name?: string; count?: number; first?: number; arrivedAtMicros?: number; sloMicros?: number; deadlineAtMicros?: number; batchKey?: string;
} = {}): TestTask {
  const { name = 't', count = 1, first = 0, arrivedAtMicros = 0, sloMicros = 100_000, batchKey = 'float32[2]' } = more;
  const deadlineAtMicros = more.deadlineAtMicros ?? arrivedAtMicros + sloMicros;
  const query: Query = {
    slot: 0, app: 'a', arrivedAtMicros, sloMicros, deadlineAtMicros: arrivedAtMicros + sloMicros,
    rows: first + count, many: count > 1, columns: [], batchKey, explain: false,
  };
  return { name, query, first, count, deadlineAtMicros };
}

/** `name:first+count` of each slice: for comparing. */
export function show(slices: readonly Slice<TestTask>[]): string[] {
  return slices.map(({ task, first, count }) => `${task.name}:${first}+${count}`);
}

/** `name:first+count reason` of each. */
export function showSettled(settled: readonly Settled<TestTask>[]): string[] {
  return settled.map(({ slice, reason }) => `${slice.task.name}:${slice.first}+${slice.count} ${reason}`);
}
