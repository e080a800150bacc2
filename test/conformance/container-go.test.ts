import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Dtype } from '../../protos/dtype.ts';
import { FRAME } from '../../protos/wire.ts';
import type { SentTensor } from '../../frontend/cli/container-test/broker-link.ts';
import { asFloat32, float32, HandDrivenBroker } from '../support/hand-driven-broker.ts';
import { requirePart } from '../support/requirements.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('../../model-containers/go', import.meta.url));

describe('the container in Go', { skip: requirePart('go') }, () => {
  let folder = '';
  let program: [string] = [''];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'go-container-'));
    program = [join(folder, 'container')];
    await run('go', ['build', '-o', program[0], '.'], { cwd: SOURCE });
  });
  after(() => rm(folder, { recursive: true, force: true }));

  test('its own tests pass: the golden frames are read, and refused, as the prose says', async () => {
    const { stdout } = await run('go', ['test', './...'], { cwd: SOURCE });
    assert.match(stdout, /^ok/);
  });

  test('hello says who it is; the sum of each row comes back, and the credit with it', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, hello } = await broker.startWorker(program);
    assert.deepEqual([hello.model, hello.version, hello.token, hello.role], ['m', 3, 'a-token', 'worker']);
    assert.deepEqual(hello.inputs, [{ name: 'input', dtype: 'float32', shape: [-1] }]);
    const reply = await worker.ask(1, 3, [float32('input', [2], [1, 2, 3, 4, 5, 6])]);
    assert.deepEqual(asFloat32(reply.outputs['output']), [3, 7, 11]);
    assert.equal(reply.done.credit, 1);
  });

  test('echo: fixed, bytes and ragged tensors come back bit by bit, and only those that are wanted', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const tensors: SentTensor[] = [
      ...([['int64', 8], ['float16', 2], ['bool', 1], ['float64', 8]] as const).map(([dtype, size]: readonly [Dtype, number]) =>
        ({ name: dtype, dtype, shape: [1], data: Uint8Array.from({ length: 2 * size }, (_, i) => i) })),
      { name: 'words', dtype: 'bytes', shape: [1], lengths: [5, 4], data: Buffer.from([1, 0, 0, 0, 65, 0, 0, 0, 0]) },
      { name: 'ragged', dtype: 'float32', shape: [-1], lengths: [4, 8], shapes: [[1], [2]], data: new Uint8Array(Float32Array.of(1, 2, 3).buffer) },
    ];
    const input = tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape, ragged: name === 'ragged' }));
    const { worker } = await broker.startWorker(program, { TRADEWIND_OPTIONS: '{"echo":true}', TRADEWIND_INPUT: JSON.stringify(input) });
    const reply = await worker.ask(1, 2, tensors);
    for (const { name, data } of tensors) assert.deepEqual(reply.outputs[name], Buffer.from(data), name);
    assert.deepEqual(reply.rows[0]?.outputs?.find(({ name }) => name === 'ragged')?.shapes, [[1], [2]]);
    const some = await worker.ask(2, 2, tensors, { outputs: ['words'] });
    assert.deepEqual(Object.keys(some.outputs), ['words']);
    const unknown = await worker.ask(3, 2, tensors, { outputs: ['none'] });
    assert.equal(unknown.done.error?.code, 'bad_input');
  });

  test('what does not fit the signature is answered, and the connection lives on', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker } = await broker.startWorker(program);
    const wrong = await worker.ask(1, 1, [{ name: 'input', dtype: 'int8', shape: [1], data: Uint8Array.of(1) }]);
    assert.equal(wrong.done.error?.code, 'bad_input');
    const right = await worker.ask(2, 1, [float32('input', [1], [4])]);
    assert.deepEqual(asFloat32(right.outputs['output']), [4]);
  });

  test('a model that panics fails its batch, says where on its standard error, and answers the next one', async (t) => {
    const source = join(folder, 'panics');
    await cp(SOURCE, source, { recursive: true });
    const model = join(source, 'model.go');
    const head = /^func \(m \*model\) predict\(.*\{$/mu;
    const text = await readFile(model, 'utf8');
    assert.match(text, head);
    await writeFile(model, text.replace(head, '$&\n\tif rows == 2 {\n\t\tpanic("two are too many")\n\t}'));
    await run('go', ['build', '-o', join(folder, 'panicking'), '.'], { cwd: source });
    const broker = await HandDrivenBroker.open(t);
    const { worker, started } = await broker.startWorker([join(folder, 'panicking')]);
    const failed = await worker.ask(1, 2, [float32('input', [1], [4, 5])]);
    assert.deepEqual([failed.done.error?.code, failed.done.error?.message, failed.done.credit, failed.rows], ['model_error', 'panic: two are too many', 1, []]);
    const right = await worker.ask(2, 1, [float32('input', [1], [4])]);
    assert.deepEqual(asFloat32(right.outputs['output']), [4]);
    worker.control(FRAME.drain);
    const { code, stderr } = await started.ended;
    assert.equal(code, 0);
    assert.match(stderr, /two are too many[^]*model\.go:\d+/u);
  });

  test('garbage is answered by goodbye protocol_error, and an owned process ends', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, started } = await broker.startWorker(program);
    worker.write(Buffer.alloc(64, 0x7f));
    const { header } = await worker.next(FRAME.goodbye);
    assert.equal((header as { code: string }).code, 'protocol_error');
    assert.notEqual((await started.ended).code, 0);
  });

  test('drain: goodbye, and exit 0; the watchdog beats until then', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, started } = await broker.startWorker(program);
    const watchdog = await broker.accept();
    assert.equal((await watchdog.hello()).role, 'watchdog');
    watchdog.welcome(5);
    for (let beat = 0; beat < 3; beat++) await watchdog.next(FRAME.heartbeat);
    worker.control(FRAME.drain);
    assert.equal(((await worker.next(FRAME.goodbye)).header as { code: string }).code, 'drained');
    assert.deepEqual(await started.ended, { code: 0, signal: null, stderr: '' });
  });

  test('SIGTERM: goodbye, and exit 0', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, started } = await broker.startWorker(program);
    started.child.kill('SIGTERM');
    assert.equal(((await worker.next(FRAME.goodbye)).header as { code: string }).code, 'drained');
    assert.equal((await started.ended).code, 0);
  });

  test('an owned container is gone when its broker is', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, started } = await broker.startWorker(program);
    worker.destroy();
    const { code, signal } = await started.ended;
    assert.ok(code !== 0 || signal === 'SIGKILL');
  });
});
