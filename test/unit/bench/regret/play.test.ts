import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTENDERS, type Contender } from '../../../../bench/regret/contender.ts';
import { play } from '../../../../bench/regret/play.ts';
import { steps, type Problem } from '../../../../bench/regret/problem.ts';
import { makePolicy } from '../../../../selection-policies/catalog.ts';
import { near } from '../../../support/selection.ts';

const PROBLEM: Problem = { name: 'two', source: '', arms: 2, horizon: 1000, every: 10, seeds: 1, start: () => steps([[0, [0.9, 0.5]], [500, [0.1, 0.5]]]) };

function regretOf(contender: Contender, seed: number): Float64Array {
  return play(PROBLEM, { policy: contender.make(PROBLEM), timed: contender.timed === true }, seed).regret;
}

test('regret is of means: always the first arm loses 0.4 a step once it has changed', () => {
  const { regret, firstShare } = play(PROBLEM, { policy: makePolicy('static') }, 1);
  near(regret[49], 0, 1e-9);
  near(regret[99], 500 * 0.4, 1e-9);
  assert.ok(firstShare.every((share) => Math.abs(share - 1) < 1e-9));
});

test('the same seed plays the same, another another', () => {
  for (const contender of CONTENDERS) assert.deepEqual(regretOf(contender, 3), regretOf(contender, 3));
  const [thompson] = CONTENDERS;
  assert.ok(thompson !== undefined);
  assert.notDeepEqual(regretOf(thompson, 3), regretOf(thompson, 4));
});

test('rewards that are alike are learned at once, and it is as if they came one by one', () => {
  for (const contender of CONTENDERS) assert.deepEqual(regretOf(contender, 3), regretOf({ ...contender, timed: true }, 3), contender.name);
});

test('an arm that is replaced starts afresh for the policy, as soon as the news has come', () => {
  const replaced: Problem = {
    ...PROBLEM,
    start: () => {
      const world = steps([[0, [0.9, 0.5]], [500, [0.1, 0.5]]]);
      return { ...world, advance: (t) => {
        world.advance(t);
        if (t === 500) world.generations[0] = 1;
      } };
    },
  };
  const { regret } = play(replaced, { policy: makePolicy('thompson') }, 1);
  assert.ok((regret[99] ?? 0) < 60, String(regret[99]));
});
