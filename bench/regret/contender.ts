import { makePolicy } from '../../selection-policies/catalog.ts';
import type { Policy } from '../../selection-policies/policy.ts';
import type { Problem } from './problem.ts';

/** A policy with the options that it runs under; the same for all problems, but for what a policy cannot be without. */
export interface Contender {
  readonly name: string;
  make(problem: Problem): Policy;
  /** What it learns from a reward depends on when its decision was made. */
  readonly timed?: true;
  /** Problems that it is run on; absent: the short ones. */
  readonly only?: RegExp;
}

/** Steps are microseconds in a run: γ = 0.99 a step, as Raj and Kalyani have it, is a half-life of 69 of them. */
const HALF_LIFE_STEPS = 69;
const WINDOW_STEPS = 500;
const MICROS = 1e6;

/** Where nothing changes, memory that fades and its rivals have nothing to show that the short problems do not show. */
const SHORT = /^(?:clipper|smpybandits|kaufmann)/;
const BUT_LONG = /^(?!table-1|figure-1 K 100)/;

export const CONTENDERS: readonly Contender[] = [
  { name: 'thompson', make: () => makePolicy('thompson'), only: /./ },
  { name: 'adaptive', make: () => makePolicy('adaptive'), only: /^(?!table-1)|delay (?:100|1000)$/ },
  { name: 'kl-ucb', make: () => makePolicy('kl-ucb'), only: BUT_LONG },
  // Told the horizon, which no app knows: the best that they can do.
  { name: 'exp3', make: (problem) => makePolicy('exp3', { horizon: problem.horizon }), only: BUT_LONG },
  { name: 'exp3-ix', make: (problem) => makePolicy('exp3-ix', { horizon: problem.horizon }) },
  { name: 'gaussian-thompson', make: () => makePolicy('gaussian-thompson') },
  { name: 'discounted-thompson', make: () => makePolicy('discounted-thompson', { half_life_s: HALF_LIFE_STEPS / MICROS }), timed: true },
  { name: 'sliding-window-thompson', make: () => makePolicy('sliding-window-thompson', { window_s: WINDOW_STEPS / MICROS }), timed: true },
  { name: 'epsilon-greedy', make: () => makePolicy('epsilon-greedy') },
  { name: 'hedge', make: () => makePolicy('hedge', { half_life_s: 1000 / MICROS }), timed: true, only: /^clipper/ },
];

/** Whether a contender is run on a problem. */
export function meets(contender: Contender, problem: Problem): boolean {
  return (contender.only ?? SHORT).test(problem.name);
}
