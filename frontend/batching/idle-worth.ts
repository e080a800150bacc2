import type { LatencyLaw } from './latency-law.ts';

/** Larger batches are not looked at: where they can be had, nobody thinks of one row. */
const MOST_ROWS = 32;
/** Steps that the wait for further rows is cut into; at most one row comes in each. */
const STEPS = 48;

export interface IdleQuestion {
  readonly law: LatencyLaw;
  readonly sloMicros: number;
  /** Rows that arrive per microsecond. */
  readonly arrivalRate: number;
  /** Rows answered on time per microsecond: what time is worth. */
  readonly goodRate: number;
}

/**
 * What it is worth, in rows, to have an idle replica and nobody waiting, where the end of a batch counts as 0: at most 0, and
 * the more below it, the longer one waits for a batch that pays. A batch of b rows is worth b − goodRate · lat(b), so one
 * that is worth less than this had better not be sent.
 *
 * Reckoned for one way to go on: wait for somebody; wait for more as long as all of them can still go together; send what is
 * there then, unless it is so few rows that beginning anew is worth more. The number of those who wait is a birth process
 * whose b-th birth must come before SLO − lat(b).
 */
export function idleWorth({ law, sloMicros, arrivalRate, goodRate }: IdleQuestion): number {
  const lastMicros = Array.from({ length: MOST_ROWS + 2 }, (_, rows) => (rows === 0 ? 0 : sloMicros - law.meanMicros(rows)));
  const { sent, waitedMicros } = gathered(lastMicros, arrivalRate);
  let kept = 1, worth = -goodRate * (1 / arrivalRate + waitedMicros);
  for (const [rows, probability] of sent.entries()) worth += probability * (rows - goodRate * law.meanMicros(rows));
  let best = worth;
  for (const [rows, probability] of sent.entries()) {
    if (probability === 0) continue;
    kept -= probability;
    if (kept <= 0) break;
    worth -= probability * (rows - goodRate * law.meanMicros(rows));
    if (worth / kept <= best) break;
    best = worth / kept;
  }
  return best;
}

/**
 * With one row at time 0: with which probability how many there are when no further one would fit, and how long that takes on
 * average. `lastMicros[b]`: by when the b-th must have come.
 */
function gathered(lastMicros: readonly number[], arrivalRate: number): { sent: Float64Array; waitedMicros: number } {
  const sent = new Float64Array(MOST_ROWS + 1);
  const waiting = new Float64Array(MOST_ROWS + 2);
  waiting[1] = 1;
  let waitedMicros = 0;
  const stepMicros = Math.max(0, lastMicros[2] ?? 0) / STEPS;
  const comes = -Math.expm1(-arrivalRate * stepMicros);
  for (let step = 0; step <= STEPS; step++) {
    for (let rows = MOST_ROWS; rows >= 1; rows--) {
      const probability = waiting[rows] ?? 0;
      if (probability === 0) continue;
      if (rows === MOST_ROWS || step === STEPS || step * stepMicros >= (lastMicros[rows + 1] ?? 0)) {
        sent[rows] = (sent[rows] ?? 0) + probability;
        waiting[rows] = 0;
        continue;
      }
      waitedMicros += probability * stepMicros;
      waiting[rows + 1] = (waiting[rows + 1] ?? 0) + probability * comes;
      waiting[rows] = probability * (1 - comes);
    }
  }
  return { sent, waitedMicros };
}
