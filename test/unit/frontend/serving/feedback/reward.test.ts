import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_FEEDBACK, type FeedbackSpec } from '../../../../../frontend/domain/model.ts';
import { readSaid, REWARD_UNITS, TOGETHER, unitsOfLabel, withStamp, zeroUnits } from '../../../../../frontend/serving/feedback/reward.ts';
import { SEED, seeded } from '../../../../support/random.ts';

const withValues = (min: number, max: number, direction: 'higher' | 'lower' = 'higher'): FeedbackSpec => ({ ...DEFAULT_FEEDBACK, value: { min, max, direction } });

test(seeded('whatever is said comes to units within bounds, or is refused'), () => {
  fc.assert(fc.property(fc.anything(), fc.constantFrom('reward', 'value', 'label'), (said, key) => {
    const read = readSaid({ decisionId: 'd', [key]: said }, withValues(-3, 9, 'lower'));
    if (read.kind === 'units') assert.ok(Number.isInteger(read.units) && read.units >= 0 && read.units <= REWARD_UNITS && !Object.is(read.units, -0));
    else if (read.kind === 'label') assert.ok(typeof read.label === 'string' || Number.isFinite(read.label));
    else assert.ok(['reward', 'value', 'label'].includes(read.path));
  }), { seed: SEED });
});

test('a reward of -0 is worth as many units as one of 0', () => {
  for (const said of [{ reward: -0 }, { value: -0 }]) assert.deepEqual(readSaid({ decisionId: 'd', ...said }, withValues(0, 1)), { kind: 'units', units: 0 });
});

test('values are a share of their range, by its direction', () => {
  assert.deepEqual(readSaid({ decisionId: 'd', value: 0 }, withValues(-10, 30)), { kind: 'units', units: REWARD_UNITS / 4 });
  assert.deepEqual(readSaid({ decisionId: 'd', value: 0 }, withValues(-10, 30, 'lower')), { kind: 'units', units: (3 * REWARD_UNITS) / 4 });
  assert.equal(readSaid({ decisionId: 'd', value: 0 }, DEFAULT_FEEDBACK).kind, 'wrong');
});

test('sums begin at what no value is worth', () => {
  assert.deepEqual([zeroUnits(DEFAULT_FEEDBACK), zeroUnits(withValues(-10, 30)), zeroUnits(withValues(-10, 30, 'lower'))], [0, REWARD_UNITS / 4, (3 * REWARD_UNITS) / 4]);
});

test('labels match by what they say; arms without an output are left out', () => {
  const decision = { asked: [{ arm: 'x', version: 1, outputs: ['7'] }, { arm: 'y', version: 1, outputs: [8], stamp: 3 }, { arm: 'z', version: 1, outputs: [null] }, { arm: 'w', version: 1, outputs: [] }] };
  const units = unitsOfLabel(7, decision as never, { row: 0, labelScale: undefined });
  assert.deepEqual(units, [{ arm: 'x', units: REWARD_UNITS }, { arm: 'y', units: 0, stamp: 3 }]);
  assert.deepEqual(unitsOfLabel('no number', decision as never, { row: 0, labelScale: 2 }), []);
  assert.deepEqual(unitsOfLabel(7.5, decision as never, { row: 0, labelScale: 2 }).map(({ units: of }) => of / REWARD_UNITS), [0.75, 0.75]);
});

test('a stamp of 0 is one', () => {
  assert.deepEqual(withStamp({ arm: 'x', stamp: 0 }, 5), { arm: 'x', units: 5, stamp: 0 });
  assert.deepEqual(withStamp({ arm: 'x' }, 5), { arm: 'x', units: 5 });
});

test('the label of an ensemble is of its answer too; arms that were late neither gain nor lose by it', () => {
  const decision = { asked: [{ arm: 'x', version: 1, outputs: ['7'] }, { arm: 'y', version: 1, outputs: [], missed: 'deadline_exceeded' }, { arm: 'z', version: 1, outputs: [], missed: 'no_replica' }], joint: { outputs: ['7'], confidences: [0.5] } };
  assert.deepEqual(unitsOfLabel(7, decision as never, { row: 0, labelScale: undefined }), [{ arm: 'x', units: REWARD_UNITS }, { arm: TOGETHER, units: REWARD_UNITS }]);
});
