import type { Micros } from '../../domain/clock.ts';
import type { BatchSample, Controller, Plan, Situation } from '../controller.ts';
import { allowedUpTo } from '../allowed-rows.ts';
import type { LatencyLaw } from '../latency-law.ts';
import { OUTCOMES, Outcomes } from '../outcomes.ts';
import { Patience } from './patience.ts';

/** For which of the outcomes, as many rows as can just make it are looked at; the law's tail comes first. */
const LEVELS: readonly number[] = Object.freeze([7, 6, 5, 4, 2]);
/** A smaller size is looked at only where it does so much more per microsecond: a learned law is never quite straight. */
const STEP_GAIN = 1.05;
/** None who waits can be on time, or is worth the time. */
const NOTHING: Plan = Object.freeze({ rows: 0, from: Infinity });

/**
 * The largest batch that pays, from the whole queue and not from its head.
 *
 *     law learned (latency/)   what waits, by deadline (deadline-queue)   arrivals and answers per µs (fair-shares, replica-pace)
 *              └───────────────────────────────┼──────────────────────────────────────────┘
 *        batch-chooser: for whom to plan ── planner: how many, and whom to leave ── patience: now, later or never
 *
 * **Size and whom to leave.** For each of a few ways in which the time of a batch may turn out (`Outcomes`), the largest b of
 * which b waiting rows can still finish; of these the one with the most rows on time to be expected per microsecond,
 * Σ P(lat(b) ≤ slack) / lat(b). Rows too old for it stay out: they would shrink everybody's batch. With an exact law this
 * is "largest feasible batch by rate"; the margin between mean and tail is not set but falls out.
 *
 * **When.** At once, but under tight objectives, or where replicas that share the queue have too little time: see `Patience`.
 *
 * **For whom.** Not its concern: under overload `BatchChooser` shows it the rows of those within their share first, and fills
 * what room they leave. **How fast the replica is** neither: the law it is given is that of the replica that asks.
 */
export class PlannerController implements Controller {
  readonly #maxRows: number;
  /** Rising; empty: any size. */
  readonly #allowedRows: readonly number[];
  readonly #outcomes = new Outcomes();
  readonly #patience: Patience;
  /** The candidate looked at, and the best so far: fields, so that a decision makes no garbage. */
  #bestRows = 0;
  #bestFrom: Micros = 0;
  #bestRate = 0;
  #anchorRows = 1;
  #anchorMicros: Micros = 0;
  #slope = 0;

  constructor(options: { maxBatch: number; allowedRows?: readonly number[] }) {
    if (!Number.isInteger(options.maxBatch) || options.maxBatch < 1) throw new RangeError(`maxBatch is ${options.maxBatch}; at least 1`);
    this.#maxRows = options.maxBatch;
    this.#allowedRows = options.allowedRows ?? [];
    this.#patience = new Patience(this.#allowedRows);
  }

  decide(situation: Situation): Plan {
    const { now, law, waiting } = situation;
    const most = Math.min(situation.mostRows, this.#maxRows, Math.max(1, law.reachRows));
    const rows = waiting.rows;
    if (law.meanMicros(1) === 0) return { rows: Math.min(rows, allowedUpTo(most, this.#allowedRows)), from: now };
    this.#bestRows = 0;
    this.#bestRate = 0;
    const fewest = Math.min(rows, most);
    const safeFrom = now + law.tailMicros(fewest);
    if (safeFrom <= waiting.headDeadlineAtMicros || waiting.rowsFrom(safeFrom) >= most) this.#whole(situation, fewest, safeFrom);
    else this.#search(situation, fewest);
    if (this.#bestRows === 0) return NOTHING;
    const plan = { rows: this.#bestRows, from: this.#bestFrom };
    const until = this.#patience.until(plan, situation, most);
    if (until === Infinity) return NOTHING;
    return until > now ? { ...plan, until } : plan;
  }

  observe({ verdict, latencyMicros, foretoldMicros }: BatchSample): void {
    if (verdict === 'success' && foretoldMicros > 0) this.#outcomes.observe(latencyMicros / foretoldMicros);
  }

  #whole(situation: Situation, rows: number, from: Micros): void {
    this.#straighten(situation.law, rows);
    this.#judge(situation, rows, from);
  }

  /** A straight law about `rows`: of sizes that differ little, the one whose time was underrated would else always win. */
  #straighten(law: LatencyLaw, rows: number): void {
    const half = (rows + 1) >> 1;
    this.#anchorRows = rows;
    this.#anchorMicros = law.meanMicros(rows);
    this.#slope = rows === half ? 0 : (this.#anchorMicros - law.meanMicros(half)) / (rows - half);
  }

  /** Looks at the largest feasible size for each way in which its time may turn out: the more it may vary, the more rows. */
  #search(situation: Situation, most: number): void {
    const { now, law, waiting } = situation;
    this.#straighten(law, this.#largest(situation, 0, most, (size) => law.meanMicros(size)) || 1);
    let rows = this.#largest(situation, 0, most, (size) => law.tailMicros(size));
    if (rows > 0) this.#judge(situation, rows, now + law.tailMicros(rows));
    for (const level of LEVELS) {
      if (rows === most || waiting.rows === rows) return;
      rows = this.#largest(situation, rows, most, (size) => this.#outcome(law, size, level));
      if (rows > 0) this.#judge(situation, rows, now + this.#outcome(law, rows, level));
    }
  }

  /** Most rows that are all on time if a batch takes as long as `micros` says of its size. */
  #largest({ now, waiting }: Situation, atLeast: number, atMost: number, micros: (rows: number) => Micros): number {
    let low = atLeast, high = atMost;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (waiting.rowsFrom(now + micros(middle)) >= middle) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Considers this size, and the ends of the steps below it that a padded or stepped law may have. */
  #judge(situation: Situation, rows: number, from: Micros): void {
    const { law } = situation;
    const micros = law.meanMicros(rows);
    this.#consider(situation, allowedUpTo(rows, this.#allowedRows), from, this.#anchorMicros + this.#slope * (rows - this.#anchorRows));
    for (let size = 2 ** (31 - Math.clz32(rows - 1)); size >= 1 && size >= rows / 2; size /= 2) {
      if (size === rows || size / law.meanMicros(size) <= (STEP_GAIN * rows) / micros) continue;
      const shorter = law.meanMicros(size) / micros;
      this.#consider(situation, allowedUpTo(size, this.#allowedRows), situation.now + (from - situation.now) * shorter, shorter * (this.#anchorMicros + this.#slope * (rows - this.#anchorRows)));
    }
  }

  #consider({ now, law, waiting }: Situation, rows: number, from: Micros, mean: Micros): void {
    const all = waiting.rowsFrom(from);
    const taken = Math.min(rows, all);
    let onTime = 0;
    for (let i = 0; i < OUTCOMES; i++) {
      const ends = now + this.#outcome(law, rows, i);
      // In order of deadline, who comes too late are the first of those taken.
      onTime += ends <= from ? taken : Math.max(0, taken - (all - waiting.rowsFrom(ends)));
    }
    const rate = onTime / (OUTCOMES * mean);
    if (rate <= this.#bestRate) return;
    this.#bestRate = rate;
    this.#bestRows = taken;
    this.#bestFrom = from;
  }

  #outcome(law: LatencyLaw, rows: number, index: number): Micros {
    const mean = law.meanMicros(rows);
    return mean * this.#outcomes.share(index, law.tailMicros(rows) / mean);
  }
}
