import type { Micros } from '../domain/clock.ts';
import type { Admission } from './admission.ts';
import type { Attempt } from './attempt.ts';
import type { Controller, Verdict } from './controller.ts';
import type { FairShares } from './fair-shares.ts';
import type { HangPatience } from './hang-patience.ts';
import type { LatencyModel } from './latency-law.ts';
import type { ReplicaPace } from './replica-pace.ts';
import type { ReplicaProbes } from './replica-probes.ts';
import type { Batch, BatchReport, Task } from './task.ts';

const VERDICTS: Readonly<Record<BatchReport<Task>['outcome'], Verdict>> = Object.freeze({
  done: 'success', error: 'ignore', lost: 'dropped', hung: 'dropped',
});

interface LessonsParts {
  readonly latency: LatencyModel;
  readonly controller: Controller;
  readonly shares: FairShares;
  readonly pace: ReplicaPace;
  readonly admission: Admission;
  readonly patience: HangPatience;
  readonly probes: ReplicaProbes;
}

/** Everything that learns from batches that ended. */
export class Lessons {
  readonly #parts: LessonsParts;

  constructor(parts: LessonsParts) {
    this.#parts = parts;
  }

  /** `attempt`: what the batch was, if it was one; rows that are sent by themselves are few by order, not by size, and tell the controller nothing. */
  learn<T extends Task>({ batch, outcome, endedAtMicros, stoodStill }: BatchReport<T>, attempt: Attempt<T> | undefined, now: Micros): void {
    const { latency, controller, patience, probes, admission } = this.#parts;
    const { replica, rows, sloMicros, full } = batch;
    const latencyMicros = endedAtMicros - batch.sentAtMicros;
    const foretoldMicros = latency.lawOf(replica).meanMicros(rows);
    if (outcome === 'hung') patience.hung();
    if (outcome === 'done') {
      patience.done();
      if (stoodStill !== true) {
        if (attempt?.history.kind === 'probe') this.#probed(batch, endedAtMicros, now);
        latency.observe({ replica, rows, micros: latencyMicros }, now);
      }
      this.#countGood(batch, endedAtMicros, now);
    }
    if (attempt?.history.kind !== 'probe') {
      probes.worked(replica, now);
      admission.worked(now);
    }
    if (attempt === undefined) controller.observe({ verdict: VERDICTS[outcome], rows, latencyMicros, foretoldMicros, sloMicros, full });
  }

  #probed<T extends Task>({ replica, rows, sentAtMicros, sloMicros, deadlineAtMicros }: Batch<T>, endedAtMicros: Micros, now: Micros): void {
    const { latency, admission, probes } = this.#parts;
    latency.doubt(rows);
    if (endedAtMicros <= deadlineAtMicros) admission.probed(now);
    // Whoever had nothing to lose may have been too late already: the time that it took is what was asked.
    if (endedAtMicros - sentAtMicros <= sloMicros) probes.succeeded(replica, now);
  }

  #countGood<T extends Task>({ replica, slices, rows }: Batch<T>, endedAtMicros: Micros, now: Micros): void {
    const { shares, pace, latency } = this.#parts;
    let good = 0;
    for (const { task, count } of slices) if (task.deadlineAtMicros >= endedAtMicros) good += count;
    shares.answered(good);
    shares.lost(rows - good);
    shares.fold(now);
    pace.observe(replica, good, latency.lawOf(replica).meanMicros(1));
    pace.fold(now);
  }
}
