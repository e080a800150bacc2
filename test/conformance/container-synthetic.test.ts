import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DTYPES, type Dtype } from '../../protos/dtype.ts';
import { FRAME } from '../../protos/wire.ts';
import type { BrokerLink, SentTensor } from '../../frontend/cli/container-test/broker-link.ts';
import { asFloat32, float32, HandDrivenBroker } from '../support/hand-driven-broker.ts';

const SYNTHETIC = fileURLToPath(new URL('../../model-containers/synthetic/main.ts', import.meta.url));

function options(of: object): Record<string, string> {
  return { TRADEWIND_OPTIONS: JSON.stringify(of) };
}

function pack(texts: readonly string[]): Buffer {
  return Buffer.concat(texts.map((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(text));
    return Buffer.concat([length, Buffer.from(text)]);
  }));
}

function raw(name: string, dtype: Dtype, array: NodeJS.TypedArray): SentTensor {
  return { name, dtype, shape: [array.length / 2], data: new Uint8Array(array.buffer) };
}

test('echo: every dtype, bytes and ragged rows come back as they went, bit by bit', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const words = [pack(['ä', '']), pack(['x'.repeat(300), '\0'])];
  const ragged = new Uint8Array(new Float32Array([1, 2, 3, 4, 5]).buffer);
  const tensors: SentTensor[] = [
    raw('bool', 'bool', Uint8Array.of(1, 0)), raw('int8', 'int8', Int8Array.of(-128, 127)), raw('int16', 'int16', Int16Array.of(-1, 2)),
    raw('int32', 'int32', Int32Array.of(-1, 2)), raw('int64', 'int64', BigInt64Array.of(-(2n ** 63n), 5n)), raw('uint8', 'uint8', Uint8Array.of(255, 0)),
    raw('uint16', 'uint16', Uint16Array.of(65_535, 0)), raw('uint32', 'uint32', Uint32Array.of(4_294_967_295, 0)), raw('uint64', 'uint64', BigUint64Array.of(2n ** 64n - 1n, 0n)),
    raw('float16', 'float16', Uint16Array.of(0x7e01, 0x0001)), raw('bfloat16', 'bfloat16', Uint16Array.of(0x7fc1, 0x8000)),
    raw('float32', 'float32', Float32Array.of(0.1, Number.NaN)), raw('float64', 'float64', Float64Array.of(-0, 1e300)),
    { name: 'words', dtype: 'bytes', shape: [2], lengths: words.map(({ length }) => length), data: Buffer.concat(words) },
    { name: 'ragged', dtype: 'float32', shape: [-1], lengths: [8, 12], shapes: [[2], [3]], data: ragged },
  ];
  const input = tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape, ragged: name === 'ragged' }));
  const { worker, hello } = await broker.startWorker(SYNTHETIC, options({ echo: true, input }));
  assert.deepEqual(hello.outputs, hello.inputs);
  const reply = await worker.ask(1, 2, tensors);
  for (const { name, data } of tensors) assert.deepEqual(reply.outputs[name], Buffer.from(data), name);
  const parts = new Map(reply.rows[0]?.outputs?.map((part) => [part.name, part]));
  assert.deepEqual(parts.get('ragged')?.shapes, [[2], [3]]);
  assert.deepEqual(parts.get('words')?.lengths, words.map(({ length }) => length));
  const some = await worker.ask(2, 2, tensors, { outputs: ['words', 'float64'] });
  assert.deepEqual(Object.keys(some.outputs).toSorted(), ['float64', 'words']);
});

test('big rows: 48 MiB go and come back, in several rows frames', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const extent = 2 * 1024 * 1024;
  const { worker } = await broker.startWorker(SYNTHETIC, options({ echo: true, input: { dtype: 'float32', shape: [extent] } }));
  const data = Buffer.alloc(6 * extent * 4);
  for (let row = 0; row < 6; row++) data.writeFloatLE(row + 0.5, row * extent * 4);
  const reply = await worker.ask(1, 6, [{ name: 'input', dtype: 'float32', shape: [extent], data }]);
  assert.ok(reply.rows.length > 1);
  assert.deepEqual(reply.rows.flatMap(({ at }) => at), [0, 1, 2, 3, 4, 5]);
  assert.ok(reply.outputs['input']?.equals(data));
});

test('the sum of each row, in the output\'s dtype and shape, after the time that the law says', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker } = await broker.startWorker(SYNTHETIC, options({ per_batch_ms: 3, per_row_ms: 0.5, pad_to: 'pow2', output: { name: 's', dtype: 'int64', shape: [2] } }));
  const reply = await worker.ask(1, 3, [float32('input', [2], [1, 2, 3, 4, 5, 6])]);
  assert.deepEqual([...new BigInt64Array(Uint8Array.from(reply.outputs['s'] ?? []).buffer)], [3n, 3n, 7n, 7n, 11n, 11n]);
  assert.ok(reply.done.compute_us >= 5000, `${reply.done.compute_us}`);
});

test('a row error fails its row alone', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker } = await broker.startWorker(SYNTHETIC, options({ row_error: 13 }));
  const reply = await worker.ask(1, 3, [float32('input', [1], [1, 13, 2])]);
  assert.deepEqual(reply.rows[0]?.at, [0, 2]);
  assert.deepEqual(reply.rows[0].errors?.map(({ row, code }) => ({ row, code })), [{ row: 1, code: 'model_error' }]);
  assert.deepEqual(asFloat32(reply.outputs['output']), [1, 2]);
});

test('fail: the batch has an error, and the replica lives on', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker } = await broker.startWorker(SYNTHETIC, options({ fail: 1 }));
  for (const id of [1, 2]) assert.equal((await worker.ask(id, 1, [float32('input', [1], [1])])).done.error?.code, 'model_error');
});

for (const [fault, of] of Object.entries({ crash: { crash: 1 }, 'a poison row': { poison: 13 } })) {
  test(`${fault}: the process is gone`, async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, started } = await broker.startWorker(SYNTHETIC, options(of));
    worker.batch(1, 2, [float32('input', [1], [0, 13])]);
    await worker.closed;
    assert.equal((await started.ended).signal, 'SIGKILL');
    assert.equal(worker.count(FRAME.done), 0);
  });
}

test('hang: no answer, while the watchdog goes on', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker } = await broker.startWorker(SYNTHETIC, options({ hang: 1 }));
  const watchdog = await welcomeWatchdog(broker);
  worker.batch(1, 1, [float32('input', [1], [0])]);
  for (let beat = 0; beat < 5; beat++) await watchdog.next(FRAME.heartbeat);
  assert.equal(worker.count(FRAME.done), 0);
});

test('an owned container ends with its broker even while its model blocks it', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker, started } = await broker.startWorker(SYNTHETIC, options({ hang: 1 }));
  const watchdog = await welcomeWatchdog(broker);
  await watchdog.next(FRAME.heartbeat);
  worker.batch(1, 1, [float32('input', [1], [0])]);
  worker.destroy();
  watchdog.destroy();
  assert.equal((await started.ended).signal, 'SIGKILL');
});

test('a container that has no connection yet ends when the process that started it is killed', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const env = JSON.stringify({ TRADEWIND_CONNECT: broker.address, TRADEWIND_MODEL: 'm', TRADEWIND_OWNED: '1', TRADEWIND_TOKEN_FD: '4', ...options({ mute: true }) });
  const parent = spawn(process.execPath, ['-e', `
    const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(SYNTHETIC)}], { env: ${env}, stdio: ['ignore', 'ignore', 'inherit', 'inherit', 'pipe'] });
    // It closes the pipe once it has read its token: it runs.
    child.stdio[4].on('close', () => console.log('runs')).resume().end('a-token');
    setInterval(() => {}, 1000);
  `], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  // The container holds the other end of this pipe: it ends when the container does.
  const gone = once(parent.stdio[3] as Socket, 'close');
  (parent.stdio[3] as Socket).resume();
  await once(parent.stdout as Readable, 'data');
  parent.kill('SIGKILL');
  await gone;
});

test('garbage: bytes that are no frame', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker } = await broker.startWorker(SYNTHETIC, options({ garbage: 1 }));
  worker.batch(1, 1, [float32('input', [1], [0])]);
  const error = await worker.broken;
  assert.match(error.message, /does not begin with "TW"/);
});

test('wrong rows: one too many or one too few, as the seed says', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  const { worker } = await broker.startWorker(SYNTHETIC, options({ wrong_rows: 1, seed: 5 }));
  const counts = new Set<number>();
  for (let id = 1; id <= 8; id++) {
    worker.batch(id, 3, [float32('input', [1], [1, 2, 3])]);
    await worker.next(FRAME.done, id);
    const rows = await worker.next(FRAME.rows, id);
    counts.add((rows.header as { at: number[] }).at.length);
  }
  assert.deepEqual([...counts].toSorted((a, b) => a - b), [2, 4]);
});

test('it lies about its name and its token when told to', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  broker.start(SYNTHETIC, options({ says_model: 'another', bad_token: true }));
  const hello = await (await broker.accept()).hello();
  assert.equal(hello.model, 'another');
  assert.notEqual(hello.token, 'a-token');
});

test('exit_at_start, and options that make no sense, end it with a line each', async (t) => {
  const broker = await HandDrivenBroker.open(t);
  assert.deepEqual(await broker.start(SYNTHETIC, options({ exit_at_start: true })).ended, { code: 1, signal: null, stderr: 'tradewind container: option exit_at_start: it exits\n' });
  const { code, stderr } = await broker.start(SYNTHETIC, options({ fail: 2, per_batch: 1, pad_to: 'pow3', input: { dtype: 'float8' } })).ended;
  assert.equal(code, 1);
  assert.deepEqual(stderr.trim().split('\n').map((line) => line.split(': option ')[1]), [
    'per_batch is unknown', `input.dtype is no dtype; expected ${DTYPES.join(', ')}`, 'pad_to is not a list of batch sizes or "pow2"', 'fail is not a number from 0 to 1',
  ]);
});

async function welcomeWatchdog(broker: HandDrivenBroker): Promise<BrokerLink> {
  const watchdog = await broker.accept();
  assert.equal((await watchdog.hello()).role, 'watchdog');
  watchdog.welcome(5);
  return watchdog;
}
