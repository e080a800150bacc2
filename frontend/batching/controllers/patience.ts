import type { Micros } from '../../domain/clock.ts';
import { allowedUpTo } from '../allowed-rows.ts';
import type { Situation } from '../controller.ts';
import { idleWorth } from '../idle-worth.ts';
import { RECENT_ARRIVALS } from '../recent-arrivals.ts';
import { LEAST_WAIT_MICROS, fullRowsWhereShort, headwayUntil } from './headway.ts';

/** All rates are estimates: waiting must be worth this much more. */
const CERTAINTY = 1.02;
/** When nothing came for so many times the usual gap, arrivals are no longer what they were: callers may wait for us. */
const MOST_GAPS = 4;
/** Nor are they where the last four took so many times as long as usual; by chance they do once in four hundred times. */
const MOST_STRETCH = 3;
/** Waiting pays up to so many times the tight SLO. */
const LOOSEST = 2;

/** The batch that would be sent now: `rows` rows whose deadlines are `from` or later. */
export interface Candidate {
  readonly rows: number;
  readonly from: Micros;
}

/**
 * When a batch leaves: at once, after the next arrival, or never.
 *
 * **Not close behind another's**: see `headwayUntil`.
 *
 * **For one row more.** It is waited for while arrivals bring more than the replica's time is worth:
 * λ·(1 − g·(lat(b + 1) − lat(b))) > g, with λ arrivals and g answers on time per microsecond. This is the one-stage
 * look-ahead rule of optimal stopping (Chow and Robbins 1961). It is optimal where what is found after a batch does not
 * depend on when it began: where the SLO is tight, lat(b) + lat(1) at most, and so whoever comes as the batch leaves is too
 * old when it ends. Up to twice that SLO it pays still, where nobody stays behind; beyond, g is nearly λ or work does not
 * run out. It never waits longer for one row than for a few usual gaps or a batch's own time.
 *
 * **Rather than for this.** Under a tight objective and overload, a batch of few rows takes more time than it is worth: where
 * b − g·lat(b) is less than what it is worth to be idle with nobody waiting (`idleWorth`), its rows are left to lapse or to
 * be joined by others. Value iteration shows both rules, and no other, in the best policy. It knows, though, that arrivals go
 * on; we only know that they did. As soon as they seem to have stopped there is nothing to hope for, and who waits is sent.
 */
export class Patience {
  /** Rising; empty: any size. */
  readonly #allowedRows: readonly number[];
  #worth = 0;
  #goodRate = -1;
  #arrivalRate = -1;
  #loneMicros = -1;

  constructor(allowedRows: readonly number[]) {
    this.#allowedRows = allowedRows;
  }

  /** Until when to hold the batch back: `now` or earlier, not at all; Infinity: it is not worth sending any more. */
  until(candidate: Candidate, situation: Situation, mostRows: number): Micros {
    const { now, law, waiting, goodRate, othersIdle, slos } = situation;
    const { rows, from } = candidate;
    if (rows >= mostRows) return 0;
    const full = fullRowsWhereShort(mostRows, situation);
    if (full > 0 && waiting.rowsFrom(from) <= rows && this.#isAllowed(rows + 1)) {
      // Held for all of them to be on time, more likely than not: the candidate may be a bolder one.
      const micros = Math.max(from - now, law.meanMicros(rows)) + law.meanMicros(rows + 1) - law.meanMicros(rows);
      const latest = waiting.firstFrom(from) - micros - situation.wakeLateMicros;
      const until = headwayUntil(full, latest, situation);
      if (until > now) return until;
    }
    if ((othersIdle && full === 0) || goodRate === 0) return 0;
    const tightMicros = law.meanMicros(rows) + law.meanMicros(1);
    const isTight = slos.mostMicros <= tightMicros;
    if (slos.mostMicros > LOOSEST * tightMicros || (!isTight && waiting.rowsFrom(from) > rows)) return 0;
    const latest = latestOf(candidate, situation);
    const until = this.#forOneMore(rows, latest, full > 0, situation);
    if (until > now || !isTight || !this.#isTooDear(rows, situation)) return until;
    const lull = lullAtMicros(situation);
    if (lull <= now) return until;
    return latest > now + LEAST_WAIT_MICROS ? Math.floor(Math.min(latest, lull + 1)) : Infinity;
  }

  /** `latest`: when these rows must leave as they are. */
  #forOneMore(rows: number, latest: Micros, isShort: boolean, situation: Situation): Micros {
    const { now, law, goodRate, wakeLateMicros, recent } = situation;
    // Where all replicas have too little time, whoever comes is his who waits for it.
    const arrivalRate = isShort ? situation.arrivalRate * situation.replicas : situation.arrivalRate;
    if (!this.#isAllowed(rows + 1)) return 0;
    const moreMicros = law.meanMicros(rows + 1) - law.meanMicros(rows);
    if (arrivalRate * (1 - goodRate * moreMicros) <= CERTAINTY * goodRate) return 0;
    const longest = Math.min(MOST_GAPS / arrivalRate, law.meanMicros(rows));
    const until = Math.floor(Math.min(latest - moreMicros - wakeLateMicros, recent.lastAtMicros + longest));
    return until > now + LEAST_WAIT_MICROS ? until : 0;
  }

  #isAllowed(rows: number): boolean {
    return allowedUpTo(rows, this.#allowedRows) === rows;
  }

  /** Whether it is worth less than to begin anew. */
  #isTooDear(rows: number, situation: Situation): boolean {
    const worth = rows - situation.goodRate * situation.law.meanMicros(rows);
    return worth < 0 && worth < this.#idleWorth(situation);
  }

  /** Rates are taken anew a few times a second; decisions are taken all the time. */
  #idleWorth({ law, slos, arrivalRate, goodRate }: Situation): number {
    const loneMicros = law.meanMicros(1);
    if (goodRate === this.#goodRate && arrivalRate === this.#arrivalRate && loneMicros === this.#loneMicros) return this.#worth;
    this.#goodRate = goodRate;
    this.#arrivalRate = arrivalRate;
    this.#loneMicros = loneMicros;
    this.#worth = idleWorth({ law, sloMicros: slos.leastMicros, arrivalRate, goodRate });
    return this.#worth;
  }
}

/** From when on arrivals are no longer what they were, if none comes until then. */
function lullAtMicros({ recent, arrivalRate }: Situation): Micros {
  const usualGap = 1 / arrivalRate;
  return Math.min(recent.lastAtMicros + MOST_GAPS * usualGap, recent.fourthLastAtMicros + MOST_STRETCH * RECENT_ARRIVALS * usualGap);
}

/** When as many as the candidate has must leave as they are, of the rows with the latest deadlines: who would be joined by the next to come. */
function latestOf({ rows, from }: Candidate, { now, waiting }: Situation): Micros {
  let head = waiting.firstFrom(from);
  for (let next = head; waiting.rowsFrom(next) >= rows; next = waiting.firstFrom(next + 1)) head = next;
  return head - (from - now);
}
