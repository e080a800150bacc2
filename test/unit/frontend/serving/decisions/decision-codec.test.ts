import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Packr } from 'msgpackr';
import type { Decision } from '../../../../../frontend/domain/decision.ts';
import { decodeDecision, encodeDecision } from '../../../../../frontend/serving/decisions/decision-codec.ts';

const DECISION: Decision = {
  id: Uint8Array.from({ length: 12 }, (_, i) => i), app: 'a', revision: new Uint8Array(8).fill(2), policy: 'thompson', viewVersion: 2 ** 40,
  contextHash: new Uint8Array(8).fill(3), context: { user: 'ann', features: [0.25, -1] }, arms: ['x', 'y@2'], pmf: [0.125, 0.875], action: 1, propensity: 0.875, mode: 'policy',
  atEpochMs: 1_795_000_000_123, sloMs: 12.5, rows: 2,
  asked: [{ arm: 'y@2', version: 2, stamp: 2 ** 52, outputs: ['cat', 7, null] }, { arm: 'x', version: 1, outputs: [], missed: 'deadline_exceeded' }],
};

function plain(decision: Decision | undefined): unknown {
  return decision && { ...decision, id: [...decision.id], revision: [...decision.revision], contextHash: decision.contextHash && [...decision.contextHash] };
}

test('what was written is what is read', () => {
  assert.deepEqual(plain(decodeDecision('a', encodeDecision(DECISION))), plain(DECISION));
  const { contextHash: _hash, context: _context, ...less } = DECISION;
  assert.deepEqual(plain(decodeDecision('a', encodeDecision({ ...less, mode: 'default' }))), plain({ ...less, mode: 'default' }));
});

test('a record takes a few hundred bytes at most', () => {
  assert.ok(encodeDecision(DECISION).length < 256);
});

test('a record of another format is left alone', () => {
  assert.equal(decodeDecision('a', new Packr().pack([2, 'whatever'])), undefined);
});

test('which rows got the default is kept, whatever else there is', () => {
  for (const more of [{}, { parent: new Uint8Array(12).fill(9) }, { joint: { outputs: ['cat', null], confidences: [0.75, 0] } }]) {
    const { defaults, parent, joint } = decodeDecision('a', encodeDecision({ ...DECISION, ...more, defaults: [1] })) ?? {};
    assert.deepEqual({ defaults, ...(parent === undefined ? {} : { parent: Uint8Array.from(parent) }), ...(joint === undefined ? {} : { joint }) }, { ...more, defaults: [1] });
  }
  assert.equal(decodeDecision('a', encodeDecision(DECISION))?.defaults, undefined);
});

test('what arms came to together is kept with them', () => {
  const joint = { outputs: ['cat', null], confidences: [0.75, 0] };
  assert.deepEqual(decodeDecision('a', encodeDecision({ ...DECISION, joint }))?.joint, joint);
  assert.equal(decodeDecision('a', encodeDecision(DECISION))?.joint, undefined);
});
