import type { Micros } from '../domain/clock.ts';
import type { ReplicaView } from '../domain/replica.ts';
import type { Situation, WaitingRows } from './controller.ts';
import type { LatencyLaw } from './latency-law.ts';

const ENDLESS_ROWS = 1_000_000;

/** As many rows as one likes, of every age, one SLO: what a controller would do with them is the size it aims at. */
export function endlessQueue(law: LatencyLaw, how: { now: Micros; sloMicros: Micros; replica: ReplicaView; mostRows: number }): Situation {
  const { now, sloMicros, replica, mostRows } = how;
  const lastAtMicros = now + sloMicros;
  const waiting: WaitingRows = {
    rows: ENDLESS_ROWS, headDeadlineAtMicros: now,
    rowsFrom: (at) => (at <= lastAtMicros ? ENDLESS_ROWS : 0), firstFrom: (at) => (at <= lastAtMicros ? at : Infinity),
  };
  return {
    now, replica, law, waiting, mostRows, arrivalRate: 0, recent: { lastAtMicros: now, fourthLastAtMicros: now }, slos: { leastMicros: sloMicros, mostMicros: sloMicros },
    goodRate: 0, replicas: 1, isShort: false, othersIdle: false, wakeLateMicros: 0,
  };
}
