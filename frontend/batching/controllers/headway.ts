import type { Micros } from '../../domain/clock.ts';
import type { Situation } from '../controller.ts';
import { largestSize } from '../largest-size.ts';
import type { LatencyLaw } from '../latency-law.ts';

/** Keeping distance pays where at least so much of a full batch's time is the batch's own, and not its rows'. */
const LEAST_OVERHEAD = 0.06;
/** Rows that were let go a while ago show no shortage any more where full batches would need less of the replicas' time than this. */
const LEAST_LOAD = 0.5;
/** When nothing came for so many times the usual gap of a replica, arrivals are no longer what they were. */
const MOST_GAPS = 4;
/** A wait shorter than this is none. */
export const LEAST_WAIT_MICROS = 20;

/**
 * Rows of the largest batch that can be on time when each row waits for the last one, whoever takes them; 0 where the
 * replicas that share the queue have time enough.
 */
export function fullRowsWhereShort(mostRows: number, { isShort, replicas, arrivalRate, law, slos }: Situation): number {
  if (!isShort || replicas === 1) return 0;
  const full = largestSize(mostRows, (rows) => rows / (arrivalRate * replicas) + law.meanMicros(rows) <= slos.leastMicros);
  return arrivalRate * law.meanMicros(full) < LEAST_LOAD * full ? 0 : full;
}

/**
 * Until when a replica of several holds back a batch that takes all who wait, so that it does not leave close behind
 * another's; 0: not at all.
 *
 * Replicas that share a queue bunch like buses on a line: one that gets free just after another has left finds few rows,
 * takes less time for them, and is back among the others even sooner. Where time is short, its small batch wastes the
 * overhead that all batches have. Holding for a headway (Daganzo, "A headway-based approach to eliminate bus bunching",
 * Transportation Research B 43, 2009) puts an end to it: it waits as long as its rows may. Once they keep their distance
 * there is nothing to wait for, so that it costs far less than it seems to.
 *
 * It costs about a gap between arrivals each time, as much of a full batch of b rows as 1/b; for batches of few rows, or
 * with little overhead, it does not pay. `latest`: when one row more must leave with these.
 */
export function headwayUntil(full: number, latest: Micros, { now, law, arrivalRate, recent }: Situation): Micros {
  const until = Math.floor(Math.min(latest, recent.lastAtMicros + MOST_GAPS / arrivalRate));
  if (until <= now + LEAST_WAIT_MICROS) return 0;
  return overheadOf(full, law) < LEAST_OVERHEAD + 1 / full ? 0 : until;
}

/** The share of a batch's time that half as many rows would take all the same. */
function overheadOf(rows: number, law: LatencyLaw): number {
  const half = (rows + 1) >> 1;
  if (rows === half) return 1;
  const micros = law.meanMicros(rows);
  return 1 - (rows * (micros - law.meanMicros(half))) / (micros * (rows - half));
}
