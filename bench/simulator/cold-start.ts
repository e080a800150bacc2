import { Batcher } from '../../frontend/batching/batcher.ts';
import { PlannerController } from '../../frontend/batching/controllers/planner.ts';
import { endlessQueue } from '../../frontend/batching/endless-queue.ts';
import type { LatencyLaw } from '../../frontend/batching/latency-law.ts';
import { LearnedLatency } from '../../frontend/batching/latency/learned-latency.ts';
import type { Micros } from '../../frontend/domain/clock.ts';
import { meanMicros } from './law.ts';
import { MAX_ROWS, plainScenario, type Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';
import { workloadOf } from './workload.ts';

/** From cold at 1.2 × capacity, and after a while everything takes twice as long. */
const LOAD = 1.2;
const SLOW = { atMs: 3000, factor: 2 };
const SECONDS = 7;
const WITHIN = 0.05;
const REPLICA = { id: '0', maxBatch: Infinity };

/** One batch, and what the planner would have sent after it from a queue without end; by the learned law and the true one. */
export interface LearnedBatch {
  readonly atMicros: Micros;
  readonly rows: number;
  readonly micros: Micros;
  readonly plannedRows: number;
  readonly lawRows: number;
}

export interface ColdStart {
  /** Batches until the planned size stays within 5 % of the law's; Infinity: it never did before the slow-down. */
  readonly batches: number;
  /** From the slow-down until it stays so again; Infinity likewise. */
  readonly followedMicros: Micros;
  /** Answers, late ones included; and those that were late in a batch that was sent to learn from. */
  readonly answered: number;
  readonly exploringLate: number;
  readonly trace: readonly LearnedBatch[];
}

export function coldStart(seed: number): ColdStart {
  const sloMs = 20;
  const scenario: Scenario = plainScenario({ alphaMs: 0.1, betaMs: 2, slowDown: SLOW }, sloMs);
  const { law } = scenario;
  const latency = new LearnedLatency();
  const planner = new PlannerController({ maxBatch: MAX_ROWS });
  // Never told how batches turned out: how the learned law errs is no reason to plan otherwise by the true one.
  const knowing = new PlannerController({ maxBatch: MAX_ROWS });
  const trace: LearnedBatch[] = [];
  const planned = (who: PlannerController, by: LatencyLaw, now: Micros): number => {
    const plan = who.decide(endlessQueue(by, { now, sloMicros: sloMs * 1000, replica: REPLICA, mostRows: MAX_ROWS }));
    return plan.rows;
  };
  const workload = workloadOf(scenario, { load: LOAD, seed, arrivals: Math.round(SECONDS * LOAD * 8000) });
  const { onTime, late, exploringLate } = simulate(scenario, workload, {
    load: LOAD, rule: 'planner', seed, warmUpBatches: 0,
    make: ({ maxQueueRows }) => new Batcher({ controller: planner, latency, maxQueueRows, hash: () => 0 }),
    onBatch: ({ sentAtMicros, rows, micros }, startMicros) => {
      const atMicros = sentAtMicros + micros - startMicros;
      const factor = atMicros >= SLOW.atMs * 1000 ? SLOW.factor : 1;
      const exact = (size: number): Micros => factor * meanMicros(law, size);
      trace.push({ atMicros, rows, micros, plannedRows: planned(planner, latency.lawOf(REPLICA.id), sentAtMicros + micros), lawRows: planned(knowing, knownLaw(exact), sentAtMicros + micros) });
    },
  });
  const slowAt = SLOW.atMs * 1000;
  const before = trace.filter(({ atMicros }) => atMicros < slowAt), after = trace.filter(({ atMicros }) => atMicros >= slowAt);
  const settledBefore = settledFrom(before), settledAfter = after[settledFrom(after)];
  return {
    batches: settledBefore < before.length ? settledBefore : Infinity, followedMicros: settledAfter === undefined ? Infinity : settledAfter.atMicros - slowAt,
    answered: onTime + late, exploringLate, trace,
  };
}

/** The index from which on all are within the bound; the length where the last is not. */
function settledFrom(trace: readonly LearnedBatch[]): number {
  const last = trace.findLastIndex(({ plannedRows, lawRows }) => Math.abs(plannedRows - lawRows) > WITHIN * lawRows);
  return last + 1;
}

function knownLaw(exact: (rows: number) => Micros): LatencyLaw {
  return { meanMicros: exact, tailMicros: exact, reachRows: MAX_ROWS, isExploring: () => false };
}
