import { verdict } from '../report/section.ts';
import type { Cells } from '../report/table.ts';

/** An operation under load; medians over the rounds. */
export interface OperationRow {
  readonly operation: string;
  /** Queries that no model answered, before and during it, of either model. */
  readonly failed: number;
  /** Of a model that nothing is done to. */
  readonly beforeP99Ms: number;
  readonly duringP99Ms: number;
  readonly pass: boolean;
}

/** What the broker holds on to. */
export interface Held {
  readonly processes: number;
  /** Files and sockets. */
  readonly files: number;
  readonly residentMb: number;
}

export interface OperationsResult {
  readonly operations: readonly OperationRow[];
  readonly switched: { readonly switches: number; readonly before: Held; readonly half: Held; readonly after: Held; readonly pass: boolean };
  /** `idleCpu`: share of a core. `predictRatio`: CPU a request of the broker with many models by that of the broker with three. */
  readonly many: { readonly models: number; readonly idleCpu: number; readonly predictRatio: number; readonly pass: boolean };
  readonly pass: boolean;
}

/** p99 of other models while an operation runs: so many times what it was before, or so much more, whichever is more. */
const MOST_P99_RATIO = 1.5;
const MOST_P99_MORE_MS = 5;
const MOST_IDLE_CPU = 0.01;
const MOST_PREDICT_RATIO = 1.05;
/** Files and sockets beyond those before: connections that are on their way out. */
const MOST_MORE_FILES = 4;
/** Of the second half of the switches, when all code is compiled and all pools have their size. */
const MOST_MEMORY_RATIO = 1.1;

export function isSmooth({ failed, beforeP99Ms, duringP99Ms }: Omit<OperationRow, 'pass'>): boolean {
  return failed === 0 && duringP99Ms <= Math.max(beforeP99Ms * MOST_P99_RATIO, beforeP99Ms + MOST_P99_MORE_MS);
}

export function isFlat({ before, half, after }: Pick<OperationsResult['switched'], 'before' | 'half' | 'after'>): boolean {
  return after.processes <= before.processes && after.files <= before.files + MOST_MORE_FILES && after.residentMb <= half.residentMb * MOST_MEMORY_RATIO;
}

export function isLight({ idleCpu, predictRatio }: Pick<OperationsResult['many'], 'idleCpu' | 'predictRatio'>): boolean {
  return idleCpu < MOST_IDLE_CPU && predictRatio <= MOST_PREDICT_RATIO;
}

export function operationsTable(rows: readonly OperationRow[]): Cells {
  return [
    ['operation at half load', 'failed', 'p99 of another model before', 'during', `at most 0; ${MOST_P99_RATIO} × or + ${MOST_P99_MORE_MS} ms`],
    ...rows.map(({ operation, failed, beforeP99Ms, duringP99Ms, pass }) => [operation, String(failed), `${beforeP99Ms.toFixed(2)} ms`, `${duringP99Ms.toFixed(2)} ms`, verdict(pass)]),
  ];
}

export function holdingTable({ switched, many }: Pick<OperationsResult, 'switched' | 'many'>): Cells {
  const { switches, before, half, after } = switched;
  return [
    ['', 'measured', 'at most', ''],
    [`processes, files after ${switches} versions switched`, `${before.processes} → ${after.processes}, ${before.files} → ${after.files}`, `as before, + ${MOST_MORE_FILES}`, verdict(switched.pass)],
    ['memory after half of them, and all', `${half.residentMb.toFixed(0)} → ${after.residentMb.toFixed(0)} MB`, `${MOST_MEMORY_RATIO} ×`, verdict(after.residentMb <= half.residentMb * MOST_MEMORY_RATIO)],
    [`idle broker with ${many.models} models, of a core`, `${(many.idleCpu * 100).toFixed(2)} %`, `${MOST_IDLE_CPU * 100} %`, verdict(many.idleCpu < MOST_IDLE_CPU)],
    ['its CPU a request, by that with three', many.predictRatio.toFixed(3), String(MOST_PREDICT_RATIO), verdict(many.predictRatio <= MOST_PREDICT_RATIO)],
  ];
}
