import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DTYPE_BYTES, DTYPES } from '../../protos/dtype.ts';
import { FRAME } from '../../protos/wire.ts';
import type { SentTensor } from '../../frontend/cli/container-test/broker-link.ts';
import { float32, HandDrivenBroker } from '../support/hand-driven-broker.ts';
import { testKit } from '../support/kit-conformance.ts';
import { PYTHON_KIT, pythonWithKit } from '../support/python-kit.ts';
import { requirePart } from '../support/requirements.ts';

const run = promisify(execFile);
const program = (name: string): string => fileURLToPath(new URL(`../support/containers/${name}.py`, import.meta.url));
const DOUBLER = program('doubler');
const BLOCKER = program('blocker');
const ECHO = program('echo');
const env = { PYTHONPATH: PYTHON_KIT, PYTHONDONTWRITEBYTECODE: '1' };

describe('the container kit in Python', { skip: requirePart('python3') }, () => {
  let python = '';
  before(async () => {
    python = await pythonWithKit();
  });

  test('its own tests pass: golden frames, arrays, outputs, entries, loaders, client', async () => {
    const { stderr } = await run(python, ['-m', 'unittest', 'discover', '-s', 'tests'], { cwd: PYTHON_KIT, env: { ...process.env, ...env } });
    assert.match(stderr, /\nOK\b/);
  });

  testKit(() => [python, DOUBLER], env);

  test('heartbeats go on while native code holds the interpreter\'s lock', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker } = await broker.startWorker([python, BLOCKER], env);
    const watchdog = await broker.accept();
    await watchdog.hello();
    watchdog.welcome(5);
    worker.batch(1, 1, [float32('x', [1], [600_000])]);
    for (let beat = 0; beat < 40; beat++) await watchdog.next(FRAME.heartbeat);
    assert.equal(worker.count(FRAME.done), 0);
  });

  test('a container that is stuck in native code ends when its broker is gone', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, started } = await broker.startWorker([python, BLOCKER], env);
    const watchdog = await broker.accept();
    await watchdog.hello();
    watchdog.welcome(5);
    worker.batch(1, 1, [float32('x', [1], [600_000])]);
    await watchdog.next(FRAME.heartbeat);
    watchdog.destroy();
    worker.destroy();
    assert.equal((await started.ended).signal, 'SIGKILL');
  });

  test('a container that was killed leaves no watchdog behind: heartbeats end with it', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { started } = await broker.startWorker([python, BLOCKER], env);
    const watchdog = await broker.accept();
    await watchdog.hello();
    watchdog.welcome(5);
    await watchdog.next(FRAME.heartbeat);
    started.child.kill('SIGKILL');
    await watchdog.closed;
    await started.ended;
  });

  test('an owned container that still loads ends with the process that started it', { timeout: 20_000 }, async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const model = join(broker.folder, 'slow.py');
    await writeFile(model, 'import os, threading\nos.write(1, str(os.getpid()).encode())\nthreading.Event().wait()\n');
    const starter = 'const { spawn } = require("node:child_process"); spawn(process.argv[1], process.argv.slice(2), { stdio: ["ignore", 1, 2] });';
    const parent = spawn(process.execPath, ['-e', starter, python, '-m', 'tradewind.container', model.replace(/^.*\//, '')], {
      env: { ...process.env, ...env, TRADEWIND_CONNECT: broker.address, TRADEWIND_MODEL: 'm', TRADEWIND_OWNED: '1', TRADEWIND_PATH: model },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(parent.stdout, 'close');
    const [pid] = await once(parent.stdout, 'data') as [Buffer];
    parent.kill('SIGKILL');
    // Its standard output closes once nobody has it any more: neither the container nor its watchdog.
    await ended;
    assert.match(pid.toString(), /^\d+$/);
  });

  test('every dtype, ragged rows and texts come back bit by bit, and only those that are wanted', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, hello } = await broker.startWorker([python, ECHO], env);
    assert.equal(hello.inputs, undefined);
    const tensors: SentTensor[] = [
      ...DTYPES.filter((dtype) => dtype !== 'bytes' && dtype !== 'bfloat16').map((dtype) => {
        const data = Uint8Array.from({ length: 6 * DTYPE_BYTES[dtype] }, (_, i) => (dtype === 'bool' ? i % 2 : i));
        return { name: dtype, dtype, shape: [3], data };
      }),
      { name: 'words', dtype: 'bytes', shape: [1], lengths: [5, 4], data: Buffer.from([1, 0, 0, 0, 65, 0, 0, 0, 0]) },
    ];
    const reply = await worker.ask(1, 2, tensors);
    for (const { name, data } of tensors) assert.deepEqual(reply.outputs[name], Buffer.from(data), name);
    assert.deepEqual(reply.rows[0]?.outputs?.map(({ name, dtype, shape }) => ({ name, dtype, shape })), tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })));
    assert.deepEqual(Object.keys((await worker.ask(2, 2, tensors, { outputs: ['words'] })).outputs), ['words']);
  });

  test('a signature that the configuration declares holds: ragged rows are a list, and come back as one', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const model = join(broker.folder, 'model.py');
    await writeFile(model, [
      'import tradewind',
      '@tradewind.model(outputs=[tradewind.Tensor("bits", "bfloat16", (-1,), ragged=True), tradewind.Tensor("n", "int64", ())], max_batch=2)',
      'def predict(bits):',
      '    return [row + 1 for row in bits], [tradewind.RowError("empty", "bad_input") if len(row) == 0 else len(row) for row in bits]',
    ].join('\n'));
    const input = JSON.stringify([{ name: 'bits', dtype: 'bfloat16', shape: [-1], ragged: true }]);
    const { worker, hello } = await broker.startWorker([python, '-m', 'tradewind.container'], { ...env, TRADEWIND_PATH: model, TRADEWIND_INPUT: input });
    assert.deepEqual(hello.inputs, JSON.parse(input));
    assert.equal(hello.max_batch, 2);
    const bits: SentTensor = { name: 'bits', dtype: 'bfloat16', shape: [-1], lengths: [2, 4], shapes: [[1], [2]], data: new Uint8Array(Uint16Array.of(1, 2, 3).buffer) };
    const reply = await worker.ask(1, 2, [bits]);
    assert.deepEqual(reply.outputs['bits'], Buffer.from(Uint16Array.of(2, 3, 4).buffer));
    assert.deepEqual(reply.outputs['n'], Buffer.from(BigInt64Array.of(1n, 2n).buffer));
    const some = await worker.ask(2, 2, [{ ...bits, lengths: [0, 6], shapes: [[0], [3]] }]);
    assert.deepEqual(some.rows.map(({ at, errors }) => ({ at, errors })), [{ at: [1], errors: [{ row: 0, code: 'bad_input', message: 'empty' }] }]);
    assert.equal((await worker.ask(3, 3, [{ ...bits, lengths: [2, 2, 2], shapes: [[1], [1], [1]] }])).done.error?.code, 'bad_input');
  });

  test('an interpreter without what is needed, and an entry that is not there, are said in words', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const bare = await broker.start([python, '-S', '-m', 'tradewind.container'], env).ended;
    assert.equal(bare.code, 1);
    assert.match(bare.stderr, /^tradewind container: .* has no numpy .*: install it there, or name another interpreter/);
    for (const [options, said] of [
      [{}, /name what is to be served: option entry .* or loader/],
      [{ entry: 'json:nothing' }, /json has no nothing/],
      [{ entry: 'no_such_module:x' }, /No module named 'no_such_module'/],
      [{ loader: 'none' }, /there is no loader none; known are sklearn/],
      [{ loader: 'onnx' }, /needs a path/],
    ] as const) {
      const ended = await broker.start([python, '-m', 'tradewind.container'], { ...env, TRADEWIND_OPTIONS: JSON.stringify(options) }).ended;
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, said);
    }
  });
});
