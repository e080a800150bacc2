import type { Micros } from '../domain/clock.ts';
import type { ReplicaView } from '../domain/replica.ts';
import { allowedUpTo } from './allowed-rows.ts';
import type { Controller, Plan, Situation, WaitingRows } from './controller.ts';
import type { DeadlineQueue } from './deadline-queue.ts';
import type { FairShares } from './fair-shares.ts';
import type { Pick } from './lane.ts';
import { largestSize } from './largest-size.ts';
import type { LatencyLaw } from './latency-law.ts';
import type { Task } from './task.ts';

/** Learned times are never quite round: a batch of exactly half the SLO is within it. */
const TOLERANCE = 1.001;

/** The replica that asks, and what stands beside it. */
export interface Asking {
  readonly now: Micros;
  readonly replica: ReplicaView;
  /** Most rows of a batch, by this replica and by the operator. */
  readonly mostRows: number;
  readonly law: LatencyLaw;
  readonly replicas: number;
  readonly othersIdle: boolean;
  /** Rows that this replica answers on time per microsecond. */
  readonly goodRate: number;
  readonly wakeLateMicros: Micros;
  /** Rows are let go because no replica has the time for them, and no retry waits beside the queue. */
  readonly isShort: boolean;
  /** How much of this replica's time the quickest one needs: 1 where it is that one itself. */
  readonly quickest: number;
  /** As many rows wait or are under way as there were at once of late: nobody is missing who is likely to come soon. */
  readonly complete: boolean;
}

export interface Choice extends Pick {
  /** Nothing before then; `now` or earlier: at once. */
  readonly until: Micros;
  /** Rows of the head's lane with earlier deadlines cannot be answered in time any more. */
  readonly letGoBefore: Micros;
  /** Most rows that the controller would have taken. */
  readonly allowedRows: number;
}

/**
 * Asks the controller for a batch of the head's lane, and holds what it says against shares and priorities: under overload
 * rows of firm tiers (`FairShares`) are planned for alone, and the others fill what room they leave, as long as no firm row
 * comes late for it. Without overload there are no tiers: by deadline, all are equal.
 */
export class BatchChooser<T extends Task> {
  readonly #controller: Controller;
  readonly #queue: DeadlineQueue<T>;
  readonly #shares: FairShares;
  readonly #maxDelayMicros: Micros;
  readonly #allowedRows: readonly number[];

  constructor(parts: { controller: Controller; queue: DeadlineQueue<T>; shares: FairShares; maxDelayMicros: Micros; allowedRows: readonly number[] }) {
    this.#controller = parts.controller;
    this.#queue = parts.queue;
    this.#shares = parts.shares;
    this.#maxDelayMicros = parts.maxDelayMicros;
    this.#allowedRows = parts.allowedRows;
  }

  choose(asking: Asking): Choice {
    const { marginalTier } = this.#shares;
    if (marginalTier === undefined) return this.#whole(asking, this.#queue.waiting(), asking.mostRows, false);
    const firm = this.#queue.waiting(marginalTier - 1);
    const cap = Math.min(asking.mostRows, this.#firmCap(asking.law));
    if (firm.rows > 0) {
      const choice = this.#whole(asking, firm, asking.mostRows, true);
      if (choice.rows > 0) return this.#filled(asking, choice, firm.firstFrom(choice.from), cap);
    }
    const marginal = this.#queue.waiting(marginalTier);
    const choice = marginal.rows > 0 ? this.#whole(asking, marginal, cap, true) : undefined;
    return choice !== undefined && choice.rows > 0 ? choice : this.#whole(asking, this.#queue.waiting(), cap, true);
  }

  #whole(asking: Asking, waiting: WaitingRows, mostRows: number, byTier: boolean): Choice {
    const { now, replicas } = asking;
    const situation: Situation = {
      now, waiting, mostRows, replica: asking.replica, law: asking.law, goodRate: asking.goodRate, othersIdle: asking.othersIdle, replicas,
      // Others whom no batch of these rows takes along would stand behind one that is held.
      isShort: asking.isShort && waiting.rows === this.#queue.rows,
      arrivalRate: this.#shares.arrivalRate / Math.max(1, replicas), wakeLateMicros: asking.wakeLateMicros, recent: this.#shares.recent, slos: this.#shares.slos,
    };
    const decided = this.#controller.decide(situation);
    if (typeof decided === 'number') return this.#sized(asking, situation, decided, byTier);
    const alone = now + asking.law.meanMicros(1) * asking.quickest;
    // What stays out of this batch is lost where nobody else could take it meanwhile.
    const letGoBefore = replicas > 1 || decided.rows === 0 || (decided.until ?? now) > now ? alone : Math.max(alone, decided.from);
    return { rows: decided.rows, from: decided.from, byTier, until: this.#until(asking, situation, decided), letGoBefore, allowedRows: mostRows };
  }

  /** The batch that a size alone stands for: of who waits, as many as can all make it in such a batch. */
  #sized(asking: Asking, { now, waiting, law, mostRows }: Situation, allowedRows: number, byTier: boolean): Choice {
    if (!(allowedRows >= 1)) throw new RangeError(`the controller allowed ${allowedRows} rows; at least 1`);
    const most = Math.min(allowedRows, mostRows);
    let rows = 0, micros = 0, left = 0;
    let from: Micros = waiting.headDeadlineAtMicros;
    for (; from !== Infinity; from = waiting.firstFrom(from + 1)) {
      left = waiting.rowsFrom(from);
      rows = allowedUpTo(Math.min(most, left), this.#allowedRows);
      // Where others wait for the place, the first must be likely to make it; where none do, it must only have a chance.
      micros = left > rows ? law.tailMicros(rows) : law.meanMicros(rows);
      if (now + micros <= from) break;
      const alike = allowedUpTo(largestSize(rows, (size) => now + law.meanMicros(size) <= from), this.#allowedRows);
      rows = alike > waiting.rowsFrom(from + 1) && now + law.meanMicros(alike) <= from ? alike : 0;
      if (rows > 0) break;
    }
    const until = rows > 0 && rows < most ? this.#heldUntil(asking, from, law.tailMicros(rows + 1)) : now;
    const letGoBefore = rows === 0 ? now + law.meanMicros(1) * asking.quickest : asking.replicas === 1 ? from : now + micros * asking.quickest;
    return { rows, from, byTier, until, letGoBefore, allowedRows };
  }

  #until(asking: Asking, { law, waiting, mostRows }: Situation, plan: Plan): Micros {
    const planned = plan.until ?? asking.now;
    if (this.#maxDelayMicros === 0 || plan.rows >= mostRows || plan.rows === 0) return planned;
    return Math.max(planned, this.#heldUntil(asking, waiting.firstFrom(plan.from), law.tailMicros(plan.rows + 1)));
  }

  /**
   * Until when the operator's `max_delay_ms` holds a batch back that has room: never so long that the head comes late, nor
   * where everybody is here. Callers who ask again when they are answered are thus gathered in one batch, and a lone one
   * does not wait for others that there are not.
   */
  #heldUntil({ now, wakeLateMicros, complete }: Asking, headDeadlineAtMicros: Micros, micros: Micros): Micros {
    if (this.#maxDelayMicros === 0 || complete) return now;
    return Math.min(this.#queue.headArrivedAtMicros + this.#maxDelayMicros, headDeadlineAtMicros - micros - wakeLateMicros);
  }

  /** Most rows of a batch that leaves firm rows which come during it the time for a batch of their own. */
  #firmCap(law: LatencyLaw): number {
    const slo = this.#shares.firmSloMicros;
    if (slo === Infinity || law.meanMicros(1) === 0 || 2 * law.meanMicros(1) > slo) return Infinity;
    return largestSize(law.reachRows, (rows) => 2 * law.meanMicros(rows) <= TOLERANCE * slo);
  }

  /** The firm rows' batch with as many others as do not make the first of them late. */
  #filled({ now, law, replicas }: Asking, choice: Choice, firstFirmAtMicros: Micros, cap: number): Choice {
    const most = Math.min(cap, law.reachRows, choice.allowedRows);
    const rows = Math.max(choice.rows, allowedUpTo(largestSize(most, (size) => now + law.tailMicros(size) <= firstFirmAtMicros), this.#allowedRows));
    // A batch that others could fill does not wait for more firm rows.
    if (rows === choice.rows) return { ...choice, until: now };
    const from = Math.max(choice.from, Math.min(firstFirmAtMicros, now + law.tailMicros(rows)));
    return { ...choice, rows, from, until: now, letGoBefore: replicas > 1 ? choice.letGoBefore : from };
  }
}
