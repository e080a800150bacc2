import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askOfParameters } from '../../../../../frontend/protocols/oip/ask-parameters.ts';

const of = (parameters: Readonly<Record<string, unknown>>, beside = {}): ReturnType<typeof askOfParameters> => askOfParameters((key) => parameters[key], beside);

test('timeout in microseconds is the objective; priorities 1, 2, 3 and more are ours in order, 0 the app\'s', () => {
  assert.deepEqual(of({ timeout: 20_000 }), { sloMs: 20 });
  assert.deepEqual(of({ timeout: 0, priority: 0 }, { sloMs: 5 }), { sloMs: 5 });
  assert.deepEqual([1, 2, 3, 77].map((priority) => of({ priority })), [{ priority: 0 }, { priority: 1 }, { priority: 2 }, { priority: 2 }]);
  assert.deepEqual(of({ slo_ms: 2.5, context: '{"a":1}' }, { sloMs: 5 }), { sloMs: 2.5, context: { a: 1 } });
  assert.deepEqual(of({ anything: 'else', sequence_id: 0, sequence_start: false }), {});
});

test('what cannot be meant is refused', () => {
  for (const wrong of [{ timeout: -1 }, { timeout: 'soon' }, { slo_ms: 0 }, { slo_ms: '5' }, { priority: 1.5 }, { priority: -1 }, { context: { a: 1 } }, { context: 'x' }, { sequence_id: 7 }, { sequence_start: true }]) {
    assert.ok('code' in of(wrong), JSON.stringify(wrong));
  }
});
