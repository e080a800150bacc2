import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Dtype } from '../../protos/dtype.ts';
import type { Hello } from '../../protos/wire.ts';
import type { BrokerLink, SentTensor } from '../../frontend/cli/container-test/broker-link.ts';
import { onlyDeep } from '../support/deep.ts';
import { asFloat32, float32, HandDrivenBroker, type Started } from '../support/hand-driven-broker.ts';
import { requireBinding, requireTensorflowPython, SAVED_MODEL, TENSORFLOW_PYTHON } from '../support/tensorflow.ts';
import { tradewind } from '../support/tradewind-command.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const TENSORFLOW = fileURLToPath(new URL('../../model-containers/tensorflow/main.ts', import.meta.url));
const noBinding = requireBinding();
const noPython = requireTensorflowPython();

function environment(options: object, path = SAVED_MODEL): Record<string, string> {
  return { TRADEWIND_PATH: path, TRADEWIND_OPTIONS: JSON.stringify(options), TRADEWIND_PYTHON: noPython === false ? TENSORFLOW_PYTHON : '/nonexistent/python' };
}

/** A container that serves, and the broker that a test drives by hand. */
async function serving(t: TestContext, options: object): Promise<{ worker: BrokerLink; hello: Hello; started: Started }> {
  return (await HandDrivenBroker.open(t)).startWorker(TENSORFLOW, environment(options));
}

function texts(name: string, rows: readonly (readonly string[])[]): SentTensor {
  const cells = rows.map((row) => Buffer.concat(row.flatMap((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(text));
    return [length, Buffer.from(text)];
  })));
  return { name, dtype: 'bytes', shape: name === 'word' ? [] : [2], lengths: cells.map(({ length }) => length), data: Buffer.concat(cells) };
}

function numbers(name: string, dtype: Dtype, shape: readonly number[], data: NodeJS.TypedArray): SentTensor {
  return { name, dtype, shape: [...shape], data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** What each signature that Node's binding carries is asked. */
const QUESTIONS: Readonly<Record<string, { rows: number; tensors: readonly SentTensor[] }>> = {
  serving_default: { rows: 33, tensors: [float32('x', [4], Array.from({ length: 33 * 4 }, (_, i) => Math.sin(i) * 3))] },
  join: { rows: 3, tensors: [texts('pair', [['a', 'ä\0'], ['', ''], ['日本', 'z']]), texts('word', [['one'], [''], ['three']])] },
  exact: { rows: 2, tensors: [
    numbers('big', 'int64', [2], BigInt64Array.of(2n ** 62n + 3n, -1n, -(2n ** 63n), 9_007_199_254_740_993n)), numbers('byte', 'uint8', [2], Uint8Array.of(0, 255, 1, 7)),
    numbers('flag', 'bool', [2], Uint8Array.of(1, 0, 0, 1)), numbers('small', 'int32', [2], Int32Array.of(-5, 2 ** 30, 0, 1)),
  ] },
};

test('Node\'s binding serves each signature with its names, dtypes and shapes', { skip: noBinding }, async (t) => {
  const { worker, hello } = await serving(t, { max_batch: 64, threads: 1 });
  assert.deepEqual(hello.inputs, [{ name: 'x', dtype: 'float32', shape: [4] }]);
  assert.deepEqual(hello.outputs, [{ name: 'label', dtype: 'int64', shape: [] }, { name: 'probabilities', dtype: 'float32', shape: [3] }]);
  assert.equal(hello.max_batch, 64);
  const { framework, ...about } = hello.about ?? {};
  assert.match(String(framework), /^tensorflow \d+\.\d+/);
  assert.deepEqual(about, { runtime: 'tfjs-node', device: 'cpu', signature: 'serving_default', threads: 1 });
  const answer = await worker.ask(1, 2, [float32('x', [4], [0, 0, 0, 0, 9, -9, 9, -9])]);
  const scores = asFloat32(answer.outputs['probabilities']);
  assert.ok(Math.abs(scores.slice(0, 3).reduce((sum, score) => sum + score, 0) - 1) < 1e-6);
  assert.deepEqual([...new BigInt64Array(Uint8Array.from(answer.outputs['label'] ?? []).buffer)].map(Number), [scores.slice(0, 3), scores.slice(3)].map((row) => row.indexOf(Math.max(...row))));
  assert.deepEqual(Object.keys((await worker.ask(2, 1, [float32('x', [4], [1, 2, 3, 4])], { outputs: ['label'] })).outputs), ['label']);
});

test('whole numbers of 64 bits, flags and texts come through to the bit', { skip: noBinding }, async (t) => {
  const exact = await (await serving(t, { signature: 'exact' })).worker.ask(1, 2, QUESTIONS['exact']?.tensors ?? []);
  assert.deepEqual([...new BigInt64Array(Uint8Array.from(exact.outputs['big'] ?? []).buffer)], [2n ** 62n + 4n, 0n, -(2n ** 63n) + 1n, 9_007_199_254_740_994n]);
  assert.deepEqual([...exact.outputs['flag'] ?? []], [0, 1, 1, 0]);
  assert.deepEqual([...new Int32Array(Uint8Array.from(exact.outputs['small'] ?? []).buffer)], [-5, 2 ** 30 + 255, 1, 8]);
  const joined = await (await serving(t, { signature: 'join' })).worker.ask(1, 3, QUESTIONS['join']?.tensors ?? []);
  assert.equal(joined.outputs['joined']?.toString(), '\x0b\0\0\0one·a·ä\0\x04\0\0\0··\x10\0\0\0three·日本·z');
});

test('Node and Python answer one SavedModel alike', { skip: onlyDeep(noBinding === false ? noPython : noBinding) }, async (t) => {
  for (const [signature, { rows, tensors }] of Object.entries(QUESTIONS)) {
    const [node, python] = await Promise.all(['tfjs-node', 'python'].map((runtime) => serving(t, { signature, runtime })));
    assert.ok(node !== undefined && python !== undefined);
    assert.deepEqual(node.hello.inputs, python.hello.inputs, signature);
    assert.deepEqual(node.hello.outputs, python.hello.outputs, signature);
    assert.equal(python.hello.about?.['runtime'], 'python');
    const [ours, theirs] = await Promise.all([node, python].map(({ worker }) => worker.ask(1, rows, [...tensors])));
    assert.deepEqual(ours?.outputs, theirs?.outputs, signature);
  }
});

test('what the binding cannot carry goes to Python, and the reason is said', { skip: onlyDeep(noPython) }, async (t) => {
  const { worker, hello, started } = await serving(t, { signature: 'wide' });
  assert.deepEqual(hello.inputs, [{ name: 'x', dtype: 'float64', shape: [2] }]);
  assert.equal(hello.about?.['runtime'], 'python');
  assert.equal(hello.pid, started.child.pid, 'it is the same process');
  assert.equal(started.said().split('\n')[0], 'served by python: input x is float64, which Node\'s binding does not take; output half is float64, which Node\'s binding does not give');
  const reply = await worker.ask(1, 1, [numbers('x', 'float64', [2], Float64Array.of(0.2, 1e300))]);
  assert.deepEqual([...new Float64Array(Uint8Array.from(reply.outputs['half'] ?? []).buffer)], [0.1, 5e299]);
});

test('what cannot be served is refused at the start, in words, without a stack', { skip: onlyDeep(noBinding) }, async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const refusals: [string, Record<string, string>, RegExp][] = [
    ['an unknown signature', environment({ signature: 'none' }), /has no signature none; it has .*serving_default/],
    ['a fixed batch axis', environment({ signature: 'fixed' }), /input x has a fixed batch axis of 2/],
    ['an unknown output', environment({ outputs: ['z'] }), /has no output z; it has label, probabilities/],
    ['a GPU that is not there', environment({ device: 'gpu', runtime: 'tfjs-node' }), /tfjs-node finds no GPU/],
    ['a runtime that cannot', environment({ signature: 'wide', runtime: 'tfjs-node' }), /input x is float64/],
    ['no folder of a SavedModel', environment({}, fileURLToPath(new URL('.', import.meta.url))), /is not the folder of a SavedModel/],
    ['no path', { TRADEWIND_OPTIONS: '{}' }, /needs the folder of a SavedModel/],
    ['a Python that is not there', { ...environment({ runtime: 'python' }), TRADEWIND_PYTHON: '/nonexistent/python' }, /\/nonexistent\/python/],
  ];
  for (const [what, env, expected] of refusals) {
    const { code, stderr } = await broker.start(TENSORFLOW, env).ended;
    assert.equal(code, 1, what);
    assert.match(stderr, expected, what);
    assert.doesNotMatch(stderr, /\n\s+at /, what);
  }
});

for (const [runtime, missing] of [['tfjs-node', noBinding], ['python', noPython]] as const) {
  test(`container-test finds no fault with ${runtime}`, { skip: onlyDeep(missing) }, async () => {
    const options = JSON.stringify({ runtime, ...(runtime === 'python' ? { python: TENSORFLOW_PYTHON } : {}) });
    const { out } = await tradewind(['container-test', '--json', '--skip', 'silence', '--path', SAVED_MODEL, '--options', options, '--', 'node', TENSORFLOW], { cwd: ROOT }).ended;
    const { checks } = JSON.parse(out) as { checks: readonly { check: string; verdict: string }[] };
    assert.deepEqual(checks.filter(({ verdict }) => verdict !== 'passed').map(({ check }) => check), ['ragged', 'row-errors']);
  });
}
