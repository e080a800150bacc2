import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makePolicy, POLICIES } from '../../selection-policies/catalog.ts';
import { apply } from '../../selection-policies/cells.ts';
import { limited } from '../../selection-policies/limits.ts';
import type { Increment, Policy, RewardEvent } from '../../selection-policies/policy.ts';
import { SEED, seeded } from '../support/random.ts';
import { sum } from '../support/selection.ts';

const ARMS = ['a', 'b@2', 'c'];
/** Stamps of the first epochs: blocks, and beginnings with what is known of them. */
const stamp = fc.oneof(fc.nat(40), fc.tuple(fc.nat(3), fc.nat(40)).map(([epoch, block]) => epoch * 2 ** 33 + block), fc.tuple(fc.nat(3), fc.boolean(), fc.nat(1000)).map(([epoch, fell, seed]) => epoch * 2 ** 33 + 2 ** 32 + (fell ? 2 ** 20 : 0) + seed * 1024));
const event: fc.Arbitrary<RewardEvent> = fc.record({
  rewards: fc.uniqueArray(fc.record({ arm: fc.constantFrom(...ARMS), reward: fc.double({ min: 0, max: 1, noNaN: true }), stamp }), { selector: ({ arm }) => arm, minLength: 1, maxLength: 3 }),
  propensity: fc.double({ min: 1e-9, max: 1, noNaN: true }),
  atMicros: fc.nat(2 ** 31 - 1),
  context: fc.option(fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.double({ noNaN: false })), { nil: undefined }),
});
const mask = fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()).filter((open) => open.includes(true));
const policies: readonly (readonly [string, Policy])[] = [...POLICIES.keys()].map((name) => [name, makePolicy(name, name === 'lin-ts' ? { features: ['x', 'y'] } : {})]);

function cellsOf(increments: readonly Increment[]): ReadonlyMap<string, bigint> {
  const cells = new Map<string, bigint>();
  apply(cells, increments);
  return new Map([...cells].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function assertPmf(pmf: readonly number[], what: string): void {
  for (const p of pmf) assert.ok(p >= 0 && p <= 1 + 2 ** -40, `${what}: [${pmf.join(', ')}]`);
  assert.ok(Math.abs(sum(pmf) - 1) <= 2 ** -40, `${what}: sum ${sum(pmf)}`);
}

test(seeded('any writers in any order leave the same cells, to the last integer'), () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 12 }).chain((events) => fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length }))), ([events, shuffled]) => {
    for (const [name, policy] of policies) {
      const one = cellsOf(events.flatMap((each) => policy.contribution(each, ARMS)));
      const many = cellsOf(shuffled.flatMap((each) => policy.contribution(each, ARMS)).toReversed());
      assert.deepEqual(many, one, name);
    }
  }), { seed: SEED, numRuns: 60 });
});

test(seeded('a correction, the new contribution less the adds of the old, leaves what the new alone would have left'), () => {
  fc.assert(fc.property(event, fc.double({ min: 0, max: 1, noNaN: true }), (first, reward) => {
    const last = { ...first, rewards: first.rewards.map((one) => ({ ...one, reward })) };
    for (const [name, policy] of policies) {
      const taken = policy.contribution(first, ARMS).filter((increment) => 'add' in increment).map(({ cell, add }) => ({ cell, add: -add }));
      const corrected = cellsOf([...policy.contribution(first, ARMS), ...taken, ...policy.contribution(last, ARMS)]);
      const alone = cellsOf(policy.contribution(last, ARMS));
      for (const [cell, value] of corrected) assert.equal(value, alone.get(cell) ?? 0n, `${name} ${cell}`);
    }
  }), { seed: SEED, numRuns: 100 });
});

test(seeded('every plan is a pmf over the open arms, whatever was learned and whatever the limits'), () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 20 }), mask, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }), (events, open, bounds) => {
    const limits = { floors: new Map(ARMS.map((arm, i) => [arm, bounds[i] ?? 0])), caps: new Map(ARMS.map((arm, i) => [arm, bounds[i + 3] ?? 1])) };
    for (const [name, policy] of policies) {
      const view = policy.view(cellsOf(events.flatMap((each) => policy.contribution(each, ARMS))), 2 ** 31, ARMS);
      const plan = policy.plan(view, ARMS, { x: 1 }, open, 0);
      for (const { actions, pmf } of [plan, limited(plan, ARMS, open, limits)]) {
        assertPmf(pmf, name);
        for (const [k, { ask }] of actions.entries()) for (const arm of ask) assert.ok(pmf[k] === 0 || open[ARMS.indexOf(arm)], `${name} asks ${arm}`);
      }
    }
  }), { seed: SEED, numRuns: 60 });
});

test(seeded('cells that no policy of ours would leave give a pmf all the same'), () => {
  const value = fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(0n, -1n, 1n, 2n ** 62n));
  fc.assert(fc.property(fc.array(event, { minLength: 1, maxLength: 4 }), fc.array(value, { minLength: 7, maxLength: 7 }), mask, (events, values, open) => {
    for (const [name, policy] of policies) {
      const cells = new Map(cellsOf(events.flatMap((each) => policy.contribution(each, ARMS))));
      for (const [k, cell] of [...cells.keys()].entries()) cells.set(cell, values[k % 7] ?? 0n);
      for (const nowMicros of [0, 2 ** 31, 1.8e15]) assertPmf(policy.plan(policy.view(cells, nowMicros, ARMS), ARMS, { x: 1e9 }, open, 0).pmf, name);
    }
  }), { seed: SEED, numRuns: 60 });
});

test(seeded('removing what a policy calls expired changes none of its plans'), () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 30 }), fc.nat(2 ** 31 - 1), (events, later) => {
    for (const [name, policy] of policies) {
      const cells = new Map(cellsOf(events.flatMap((each) => policy.contribution(each, ARMS))));
      const now = 2 ** 31 + later * 1e6;
      const plan = (): unknown => policy.plan(policy.view(cells, now, ARMS), ARMS, undefined, [true, true, true], 0);
      const before = plan();
      for (const cell of policy.expired?.(cells, now) ?? []) cells.delete(cell);
      assert.deepEqual(plan(), before, name);
    }
  }), { seed: SEED, numRuns: 60 });
});
