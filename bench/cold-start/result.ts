import type { Cells } from '../report/table.ts';

/** One kind of container; medians. */
export interface ColdStart {
  readonly kind: string;
  /** From the admin call that wants a replica to the answer of the first query. */
  readonly firstAnswerMs: number;
  /** Resident, a second later. */
  readonly memoryMb: number;
}

export function coldStartTable(starts: readonly ColdStart[]): Cells {
  return [['container', 'first answer after, ms', 'memory, MB'], ...starts.map(({ kind, firstAnswerMs, memoryMb }) => [kind, String(firstAnswerMs), String(memoryMb)])];
}
