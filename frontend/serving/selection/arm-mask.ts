import { Probing } from '../../batching/probing.ts';
import type { Mask } from '../../../selection-policies/policy.ts';
import type { Micros } from '../../domain/clock.ts';

/** How often the latencies of arms are looked at. */
const LOOK_MICROS: Micros = 100_000;
/** How long an arm that missed is not asked, under `miss_reward: mask`. */
export const PENALTY_MICROS: Micros = 1_000_000;
/** Masks that are kept apart; each is the key of a plan. */
const MOST_MASKS = 64;

/** An arm as the mask sees it. */
export interface MaskedArm {
  /** It has a replica, or its app waits for one. */
  readonly healthy: boolean;
  /** What a row that is sent alone takes in the mean; 0 where nobody knows. */
  loneMicros(): Micros;
}

/**
 * Which arms may be asked: those that have a replica, whose latency alone fits the objective, and that have not missed just
 * now. Latency is the mean, as in admission: an arm that is late only now and then is charged for that by its misses, and
 * stays in. Where nobody is left, the last two are waived, in that order: better a late arm than none.
 * An arm that is masked for its latency is let in again now and then for one query, at gaps that double: else what made it
 * slow once would keep it out for good. The same mask is the same object, so that plans can be kept by it.
 */
export class ArmMask {
  #arms: readonly MaskedArm[] = [];
  #healthy: Mask = [];
  #lone: Micros[] = [];
  #slowestMicros: Micros = 0;
  #lookAtMicros: Micros = -Infinity;
  #probings: Probing[] = [];
  #penaltyEnds: Micros[] = [];
  #lastPenaltyEnds: Micros = -Infinity;
  readonly #interned = new Map<string, Mask>();

  /** The arms as they are from now on; how many there are stays the same. */
  renew(arms: readonly MaskedArm[]): void {
    this.#arms = arms;
    this.#healthy = this.#intern(arms.map(({ healthy }) => healthy));
    this.#lookAtMicros = -Infinity;
    if (this.#probings.length === arms.length) return;
    this.#probings = arms.map(() => new Probing());
    this.#penaltyEnds = arms.map(() => -Infinity);
  }

  /** Arm `i` erred or was late: it is left out for a while. */
  penalise(i: number, now: Micros): void {
    this.#penaltyEnds[i] = now + PENALTY_MICROS;
    this.#lastPenaltyEnds = now + PENALTY_MICROS;
  }

  /** For a query that is asked now. Undefined where no arm is healthy. */
  of(sloMicros: Micros, now: Micros): Mask | undefined {
    return this.#open(sloMicros, now, true);
  }

  /** The same for who only looks: the probes are left to queries. */
  shown(sloMicros: Micros, now: Micros): Mask | undefined {
    return this.#open(sloMicros, now, false);
  }

  #open(sloMicros: Micros, now: Micros, probes: boolean): Mask | undefined {
    if (now >= this.#lookAtMicros) this.#look(now);
    if (sloMicros >= this.#slowestMicros && now >= this.#lastPenaltyEnds) return this.#healthy.includes(true) ? this.#healthy : undefined;
    const fits = this.#healthy.map((healthy, i) => healthy && ((this.#lone[i] ?? 0) <= sloMicros || (probes && this.#mayProbe(i, now, sloMicros))));
    const free = fits.map((fit, i) => fit && now >= (this.#penaltyEnds[i] ?? 0));
    const mask = [free, fits, this.#healthy].find((one) => one.includes(true));
    return mask === undefined ? undefined : this.#intern(mask);
  }

  #mayProbe(i: number, now: Micros, sloMicros: Micros): boolean {
    return this.#probings[i]?.take(now, this.#lone[i] ?? 0, sloMicros) === true;
  }

  #look(now: Micros): void {
    this.#lookAtMicros = now + LOOK_MICROS;
    this.#lone = this.#arms.map((arm, i) => (this.#healthy[i] === true ? arm.loneMicros() : 0));
    this.#slowestMicros = Math.max(0, ...this.#lone);
    for (const [i, probing] of this.#probings.entries()) probing.estimated(this.#lone[i] ?? 0);
  }

  #intern(mask: Mask): Mask {
    // Policies get it to read; one that writes to it would close an arm for everybody.
    Object.freeze(mask);
    const key = mask.map(Number).join('');
    const known = this.#interned.get(key);
    if (known !== undefined) return known;
    if (this.#interned.size >= MOST_MASKS) this.#interned.clear();
    this.#interned.set(key, mask);
    return mask;
  }
}
