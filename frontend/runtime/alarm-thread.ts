import { parentPort, workerData } from 'node:worker_threads';
import { CHANGES, CLOSED_NANOS, NEVER_NANOS, type AlarmShared } from './alarm-thread-shared.ts';

/** The thread of `ThreadAlarm`: sleeps until the time that it was told, or until it is told another. */
const shared = workerData as AlarmShared;
const changes = new Int32Array(shared.changes);
const atNanos = new BigInt64Array(shared.atNanos);

/** Longer waits are made of several. */
const LONGEST_WAIT_MS = 1e9;

for (;;) {
  // Read before the time: what changes after it ends the wait.
  const seen = Atomics.load(changes, CHANGES);
  const at = Atomics.load(atNanos, 0);
  if (at === CLOSED_NANOS) break;
  if (at === NEVER_NANOS) {
    Atomics.wait(changes, CHANGES, seen);
    continue;
  }
  const leftMs = Number(at - process.hrtime.bigint()) / 1e6;
  if (leftMs > 0 && (Atomics.wait(changes, CHANGES, seen, Math.min(leftMs, LONGEST_WAIT_MS)) !== 'timed-out' || leftMs > LONGEST_WAIT_MS)) continue;
  // Rung once; if it was set anew meanwhile, that time holds.
  if (Atomics.compareExchange(atNanos, 0, at, NEVER_NANOS) === at) parentPort?.postMessage(0);
}
