import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reply } from '../../../../../frontend/cli/container-test/broker-link.ts';
import { judgeAnswered, judgeEcho, judgeRefused, judgeSettled } from '../../../../../frontend/cli/container-test/judge-reply.ts';
import type { TensorPart, TensorSpec } from '../../../../../protos/wire.ts';

const y: TensorSpec = { name: 'y', dtype: 'float32', shape: [-1] };
const part = (at: readonly number[], more: Partial<TensorPart> = {}): TensorPart => ({ name: 'y', dtype: 'float32', shape: [1], bytes: 4 * at.length, ...more });
const reply = (at: readonly number[], more: Partial<Reply> = {}, as: Partial<TensorPart> = {}): Reply => ({ rows: [{ at, outputs: [part(at, as)] }], outputs: {}, done: { compute_us: 1 }, ...more });
const asked = { rows: 2, outputs: [y] };

test('every row once, with what was wanted', () => {
  judgeAnswered(asked, reply([1, 0]));
  judgeAnswered({ ...asked, outputs: undefined }, reply([0, 1], {}, { name: 'z' }));
  judgeSettled(asked, { ...reply([0]), rows: [{ at: [0], outputs: [part([0])], errors: [{ row: 1, code: 'c', message: 'm' }] }] });
  judgeSettled(asked, { rows: [], outputs: {}, done: { compute_us: 0, error: { code: 'c', message: 'm' } } });
});

test('anything else is said', () => {
  const wrong: readonly (readonly [Reply, RegExp])[] = [
    [reply([0]), /1 rows left out/u],
    [{ ...reply([0, 1]), rows: [{ at: [0, 1], outputs: [part([0, 1])] }, { at: [1], outputs: [part([1])] }] }, /row 1 twice/u],
    [reply([0, 1], { done: { compute_us: 1, error: { code: 'e', message: 'm' } } }), /done\.error e: m/u],
    [reply([0, 1], { rows: [{ at: [0], outputs: [part([0])], errors: [{ row: 1, code: 'c', message: 'm' }] }] }), /1 \(c: m\)/u],
    [reply([0, 1], {}, { name: 'z' }), /the outputs z/u],
    [reply([0, 1], {}, { dtype: 'int32' }), /came int32/u],
    [reply([0, 1], {}, { shape: [1, 1] }), /came \[1,1\]/u],
    [reply([0, 1], { rows: [{ at: [0, 1], outputs: [] }] }), /expected the outputs y; came the outputs $/u],
  ];
  for (const [one, message] of wrong) assert.throws(() => judgeAnswered(asked, one), message);
});

test('a refusal is bad_input', () => {
  judgeRefused('x', { rows: [], outputs: {}, done: { compute_us: 0, error: { code: 'bad_input', message: 'm' } } });
  assert.throws(() => judgeRefused('x', reply([0, 1])), /2 rows answered/u);
  assert.throws(() => judgeRefused('x', reply([], { done: { compute_us: 0, error: { code: 'model_error', message: 'm' } } })), /model_error: m/u);
});

test('an echo is equal to the last bit, in order', () => {
  const tensors = [{ name: 'y', dtype: 'float32' as const, shape: [1], data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }];
  const echoed = (bytes: readonly number[], at = [0, 1]): Reply => reply(at, { outputs: { y: Buffer.from(bytes) } });
  judgeEcho(tensors, echoed([1, 2, 3, 4, 5, 6, 7, 8]));
  assert.throws(() => judgeEcho(tensors, echoed([1, 2, 3, 4, 5, 6, 7, 9])), /byte 7 being 9 in place of 8/u);
  assert.throws(() => judgeEcho(tensors, echoed([1, 2, 3, 4, 5, 6, 7, 8, 9])), /9 bytes, not 8/u);
  assert.throws(() => judgeEcho(tensors, echoed([1, 2, 3, 4, 5, 6, 7, 8], [1, 0])), /the order 1, 0/u);
  assert.throws(() => judgeEcho(tensors, reply([0, 1])), /no such output/u);
});
