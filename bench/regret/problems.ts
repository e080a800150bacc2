import type { Random } from '../load/random.ts';
import { steps, type Problem, type World } from './problem.ts';

const CLIPPER_ERRORS = [0.0915, 0.168, 0.2425, 0.346, 0.46];
const CLIPPER_BROKEN = 0.65;

/** Published regret of Thompson sampling at each delay, mean of 100 runs. */
export const TABLE_1: ReadonlyMap<number, number> = new Map([
  [1, 9105], [3, 9199], [10, 9049], [32, 9451], [100, 11_550], [316, 21_594], [1000, 59_256],
]);

/** ln T's factor in the lower bound of Lai and Robbins, Σ Δ / KL, by arms and gap, as the paper prints it. */
const FIGURE_1: readonly (readonly [arms: number, gap: number, bound: number])[] = [[10, 0.1, 44.7], [10, 0.02, 224.9], [100, 0.1, 491.7], [100, 0.02, 2474.3]];

/** Runs of a million steps: what is planned anew with every reward takes a minute each. */
const LONG_SEEDS: ReadonlyMap<number, number> = new Map([[1, 4], [3, 6], [10, 10]]);

/** Chapelle and Li, table 1: ten items, each replaced by a fresh one about every 10,000 steps, and rewards that come late. */
const delayed: readonly Problem[] = [...TABLE_1.keys()].map((every) => ({
  name: `table-1 delay ${every}`,
  source: 'Chapelle and Li 2011, table 1',
  arms: 10,
  horizon: 1_000_000,
  every,
  seeds: LONG_SEEDS.get(every) ?? 20,
  start: replacedItems,
}));

const figure1: readonly Problem[] = FIGURE_1.map(([arms, gap]) => ({
  name: `figure-1 K ${arms} gap ${gap}`,
  source: 'Chapelle and Li 2011, figure 1',
  arms,
  horizon: 100_000,
  every: 100,
  seeds: 200,
  start: () => steps([[0, Array.from({ length: arms }, (_, i) => (i === 0 ? 0.5 : 0.5 - gap))]]),
}));

/** The lower bound at the end of a run of a problem of figure 1, without its constant. */
export function figure1Bound(name: string, horizon: number): number | undefined {
  const row = FIGURE_1.find(([arms, gap]) => name === `figure-1 K ${arms} gap ${gap}`);
  return row === undefined ? undefined : row[2] * Math.log(horizon);
}

export const PROBLEMS: readonly Problem[] = [
  {
    name: 'clipper figure 8',
    source: 'Crankshaw et al. 2017, figure 8: the best of five models breaks at 5,000 and recovers at 10,000',
    arms: 5,
    horizon: 20_000,
    every: 20,
    seeds: 200,
    start: () => {
      const whole = CLIPPER_ERRORS.map((error) => 1 - error);
      return steps([[0, whole], [5000, whole.with(0, 1 - CLIPPER_BROKEN)], [10_000, whole]]);
    },
  },
  {
    name: 'smpybandits 1',
    source: 'Besson, SMPyBandits, non-stationary problem 1',
    arms: 3,
    horizon: 5000,
    every: 1,
    seeds: 200,
    start: () => steps([[0, [0.4, 0.5, 0.9]], [1000, [0.5, 0.4, 0.7]], [2000, [0.6, 0.3, 0.5]], [3000, [0.7, 0.2, 0.3]], [4000, [0.8, 0.1, 0.1]]]),
  },
  {
    name: 'kaufmann 10 arms',
    source: 'Kaufmann, Korda and Munos 2012',
    arms: 10,
    horizon: 20_000,
    every: 20,
    seeds: 200,
    start: () => steps([[0, [0.1, 0.05, 0.05, 0.05, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01]]]),
  },
  ...delayed,
  ...figure1,
];

/** Items with click rates from Beta(4, 4); at each step, one time in a thousand, one of them is replaced by a fresh one. */
function replacedItems(draw: Random): World {
  const means = Float64Array.from({ length: 10 }, () => beta44(draw));
  const generations = new Int32Array(10);
  return {
    means,
    generations,
    advance() {
      if (draw() >= 1e-3) return;
      const item = Math.floor(draw() * 10);
      means[item] = beta44(draw);
      generations[item] = (generations[item] ?? 0) + 1;
    },
  };
}

/** The fourth smallest of seven uniform numbers is Beta(4, 4). */
function beta44(draw: Random): number {
  return Array.from({ length: 7 }, draw).sort((a, b) => a - b)[3] ?? 0.5;
}
