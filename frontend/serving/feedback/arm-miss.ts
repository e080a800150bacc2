import type { ErrorCode } from '../../domain/errors.ts';

const OF_THE_ARM: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'queue_full', 'infeasible', 'slo_unreachable', 'expired_in_queue', 'deadline_exceeded', 'replica_failed', 'batch_failed', 'row_failed', 'invalid_output',
]);

/** Whether a miss speaks of the arm: it erred, was late, or is too busy. The others speak of the input, the caller or the broker. */
export function isOfTheArm(reason: ErrorCode): boolean {
  return OF_THE_ARM.has(reason);
}
