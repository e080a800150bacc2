import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InferAnswer } from '../../../../../frontend/protocols/oip/infer-answer.ts';
import { InferCall } from '../../../../../frontend/protocols/oip/infer-call.ts';
import type { AskedRows } from '../../../../../frontend/protocols/ask.ts';
import { rawOutputs, servedModel, tfsWorld } from '../../../../support/tfs-world.ts';

const X = { name: 'x', dtype: 'int8' as const, shape: [2] };
const SERVED = servedModel('m', [X], rawOutputs('raw', X));

function world(): { rows: () => AskedRows; call: (more?: object, wanted?: readonly { name: string }[]) => InferCall; told: (string | InferAnswer)[]; parts: ReturnType<typeof tfsWorld> } {
  const parts = tfsWorld([SERVED]);
  const told: (string | InferAnswer)[] = [];
  const rows = (): AskedRows => {
    const { slab, offset } = parts.slabs.allocate(2);
    return { columns: [{ ...X, slab, offset, strideBytes: 2, rowBytes: 2 }], rows: 1, batchKey: 'k' };
  };
  const call = (more: object = {}, wanted: readonly { name: string }[] = []): InferCall => new InferCall(parts, { served: SERVED, wanted, ask: {}, arrivedAtMicros: 5, ...more }, {
    answered: (answer) => told.push(answer), refused: ({ code }, decisionId) => told.push(`${code} ${decisionId ?? ''}`.trim()),
  });
  return { rows, call, told, parts };
}

test('a query is asked and answered once, and nothing is left', () => {
  const { rows, call, told, parts } = world();
  const running = call();
  running.submit(rows());
  assert.equal(running.over, true);
  const [answer] = told;
  assert.ok(typeof answer === 'object' && answer.model === 'm' && answer.outputs[0]?.name === 'x');
  assert.deepEqual([parts.queries[0]?.pin, parts.calls.open, parts.slabs.usedSlabs], [{ model: 'm' }, 0, 0]);
});

test('an unknown output, an impossible objective and too many callers are refused before anybody is asked', () => {
  const { rows, call, told, parts } = world();
  call({}, [{ name: 'y' }]).submit(rows());
  call({ ask: { sloMs: -1 } }).submit(rows());
  parts.respond = () => undefined;
  for (let i = 0; i < 5; i++) call().submit(rows());
  assert.deepEqual([told, parts.queries.length, parts.slabs.usedSlabs], [['invalid_field', 'invalid_slo', 'overloaded'], 4, 0]);
});

test('who goes away is forgotten, and hears nothing more; inputs that nobody knows are the road\'s to answer', () => {
  const { rows, call, told, parts } = world();
  parts.respond = () => undefined;
  const running = call();
  running.submit(rows());
  running.cancel();
  running.cancel();
  assert.deepEqual([parts.cancelled, parts.calls.open, told], [[100], 0, []]);
  call().submit({ rows: 3 });
  assert.deepEqual([parts.unparsed, told], [[{ slot: 100, app: 'm', rows: 3 }], ['no_replica']]);
});
