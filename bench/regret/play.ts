import { apply } from '../../selection-policies/cells.ts';
import { sample } from '../../selection-policies/pmf.ts';
import type { ArmReward, Increment, Plan, Policy, RewardEvent } from '../../selection-policies/policy.ts';
import { random } from '../load/random.ts';
import type { Problem, World } from './problem.ts';

/** Cumulative regret after each of these many equal parts of the run. */
const POINTS = 100;
/** In the place of an arm's reward. */
const NOT_ASKED = -1;

export interface Player {
  readonly policy: Policy;
  /** What a reward adds depends on when its decision was made. */
  readonly timed?: boolean;
}

export interface Played {
  readonly regret: Float64Array;
  /** Share of the steps of each part that went to the first arm. */
  readonly firstShare: Float64Array;
}

/**
 * Plays a problem once, as the broker would: state is read from cells by a view, a pmf is computed once a view, each step
 * draws from it, and rewards reach the cells `problem.every` steps at a time. The same seed gives every policy the same
 * world. Regret is of means, not of drawn rewards.
 */
export function play(problem: Problem, player: Player, seed: number): Played {
  const world = problem.start(random(seed));
  // Draws of their own, so that what a policy does moves nothing in the world.
  const draw = random(seed + 2 ** 40);
  const game = new Game(player, world);
  const regret = new Float64Array(POINTS);
  const firstShare = new Float64Array(POINTS);
  const part = problem.horizon / POINTS;
  let total = 0;
  for (let t = 0; t < problem.horizon; t++) {
    world.advance(t);
    if (t % problem.every === 0) game.refresh(t);
    const asked = game.ask(draw());
    let best = 0;
    for (let i = 0; i < problem.arms; i++) best = Math.max(best, world.means[i] ?? 0);
    total += best - game.settle(asked, t, draw);
    const point = Math.floor(t / part);
    regret[point] = total;
    firstShare[point] = (firstShare[point] ?? 0) + (asked[0] ?? 0) / part;
  }
  return { regret, firstShare };
}

/** A reward on its way to the cells, and how many there are of it. */
interface Lesson {
  readonly event: RewardEvent;
  times: number;
}

class Game {
  readonly #policy: Policy;
  readonly #world: World;
  readonly #cells = new Map<string, bigint>();
  readonly #mask: readonly boolean[];
  readonly #weights: Float64Array;
  /** The reward of each arm in this step. */
  readonly #drawn: Int8Array;
  readonly #timed: boolean;
  readonly #lessons = new Map<number, Lesson>();
  #known: Int32Array;
  #arms: readonly string[];
  #view: unknown;
  #plan: Plan = { actions: [], pmf: [] };
  #action = 0;

  constructor({ policy, timed = false }: Player, world: World) {
    this.#policy = policy;
    this.#timed = timed;
    this.#world = world;
    this.#known = world.generations.slice();
    this.#arms = Array.from(this.#known, armName);
    this.#mask = this.#arms.map(() => true);
    this.#weights = new Float64Array(this.#arms.length);
    this.#drawn = new Int8Array(this.#arms.length);
  }

  /** Takes in what has come, rewards and the news of replaced arms, and plans anew. */
  refresh(t: number): void {
    for (const { event, times } of this.#lessons.values()) apply(this.#cells, manyTimes(this.#policy.contribution(event, this.#arms), times));
    this.#lessons.clear();
    if (this.#known.some((generation, i) => generation !== this.#world.generations[i])) this.#replaceArms();
    if (t % 1000 === 0) for (const cell of this.#policy.expired?.(this.#cells, t) ?? []) this.#cells.delete(cell);
    this.#view = this.#policy.view(this.#cells, t, this.#arms);
    this.#plan = this.#policy.plan(this.#view, this.#arms, undefined, this.#mask, t);
  }

  /** How much of the step each arm gets: all of it goes to one, or, in an ensemble, to each its weight. */
  ask(draw: number): Float64Array {
    this.#action = sample(this.#plan.pmf, draw);
    const { ask = [], weights } = this.#plan.actions[this.#action] ?? {};
    this.#weights.fill(0);
    for (const [k, arm] of ask.entries()) this.#weights[this.#arms.indexOf(arm)] = weights?.[k] ?? 1;
    return this.#weights;
  }

  /** Draws the rewards of those who were asked. Returns the mean that was to be expected. */
  settle(asked: Float64Array, t: number, draw: () => number): number {
    let expected = 0;
    let [count, key] = [0, 0];
    this.#drawn.fill(NOT_ASKED);
    for (let i = 0; i < asked.length; i++) {
      const share = asked[i] ?? 0;
      if (share === 0) continue;
      const mean = this.#world.means[i] ?? 0;
      expected += share * mean;
      const reward = draw() < mean ? 1 : 0;
      this.#drawn[i] = reward;
      count++;
      key = ((this.#world.generations[i] ?? 0) * asked.length + i) * 2 + reward;
    }
    // Until the next plan, rewards of one arm are alike in all but their time.
    const lesson = this.#timed || count > 1 ? undefined : this.#lessons.get(key);
    if (lesson !== undefined) lesson.times++;
    else this.#lessons.set(this.#timed || count > 1 ? t : key, { event: this.#event(t), times: 1 });
    return expected;
  }

  #event(t: number): RewardEvent {
    const rewards: ArmReward[] = [];
    for (let i = 0; i < this.#drawn.length; i++) {
      const reward = this.#drawn[i] ?? NOT_ASKED;
      if (reward === NOT_ASKED) continue;
      // Who is asked is who stands there now, whether or not the news of it has come.
      const generation = this.#world.generations[i] ?? 0;
      rewards.push({ arm: armName(generation, i), reward, stamp: this.#known[i] === generation ? this.#policy.stamp?.(this.#view, i) ?? 0 : 0 });
    }
    return { rewards, propensity: this.#plan.pmf[this.#action] ?? 1, atMicros: t };
  }

  #replaceArms(): void {
    const gone = new Set(this.#arms.filter((_, i) => this.#known[i] !== this.#world.generations[i]));
    for (const cell of this.#cells.keys()) if (gone.has(cell.split('/')[0] ?? '')) this.#cells.delete(cell);
    this.#known = this.#world.generations.slice();
    this.#arms = Array.from(this.#known, armName);
  }
}

/** What so many of the same reward add: sums as often, maxima once. */
function manyTimes(increments: readonly Increment[], times: number): readonly Increment[] {
  return times === 1 ? increments : increments.map((increment) => ('add' in increment ? { cell: increment.cell, add: increment.add * BigInt(times) } : increment));
}

function armName(generation: number, i: number): string {
  return `arm${i}@${generation + 1}`;
}
