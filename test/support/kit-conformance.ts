import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { FRAME } from '../../protos/wire.ts';
import { batchFrame } from '../../frontend/cli/container-test/broker-link.ts';
import { asFloat32, float32, HandDrivenBroker, type Started } from './hand-driven-broker.ts';

/**
 * What every kit does, shown with a container that doubles (containers/doubler.ts says how its input chooses what goes
 * wrong). `doubler` gives the program; it is asked once the tests run.
 */
export function testKit(doubler: () => Parameters<HandDrivenBroker['start']>[0], more: Readonly<Record<string, string>> = {}): void {
  test('a container says what it is, waits for the welcome, grants its credits and answers', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const started = broker.start(doubler(), more);
    const worker = await broker.accept();
    const hello = await worker.hello();
    assert.deepEqual(
      { wire: hello.wire, role: hello.role, model: hello.model, version: hello.version, pid: hello.pid, token: hello.token, max_batch: hello.max_batch },
      { wire: 1, role: 'worker', model: 'm', version: 3, pid: started.child.pid, token: 'a-token', max_batch: 4096 },
    );
    assert.deepEqual(hello.inputs, [{ name: 'x', dtype: 'float32', shape: [2] }]);
    assert.equal(worker.count(FRAME.credit), 0);
    worker.welcome();
    assert.deepEqual((await worker.next(FRAME.credit)).header, { n: 2 });
    const reply = await worker.ask(1, 2, [float32('x', [2], [1, 2, 3, 4])]);
    assert.deepEqual(asFloat32(reply.outputs['y']), [2, 4, 6, 8]);
    assert.equal(reply.done.credit, 1);
    assert.ok(reply.done.compute_us > 0);
  });

  test('batches that come back to back, in pieces of any size, are answered in order and do not disturb each other', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker } = await broker.startWorker(doubler(), more);
    const first = Array.from({ length: 2048 }, (_, i) => i);
    const second = first.map((value) => value + 5000);
    const bytes = Buffer.concat([batchFrame(1, 1024, [float32('x', [2], first)]), batchFrame(2, 1024, [float32('x', [2], second)])]);
    for (let at = 0; at < bytes.length; at += 1009) worker.write(bytes.subarray(at, at + 1009));
    const replies = [await worker.reply(1, 1024), await worker.reply(2, 1024)];
    assert.deepEqual(replies.map((reply) => asFloat32(reply.outputs['y'])), [first.map((value) => 2 * value), second.map((value) => 2 * value)]);
  });

  test('what is wrong with a batch is said in its done, and the connection lives on', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker } = await broker.startWorker(doubler(), more);
    const failures: [number[], string, RegExp][] = [
      [[-1, 0], 'model_error', /as asked/],
      [[-2, 0], 'bad_input', /as asked/],
      [[-3, 0], 'invalid_output', /elements|0 rows/],
      [[-4, 0], 'invalid_output', /not an array of float32/],
    ];
    let id = 1;
    for (const [values, code, message] of failures) {
      const { done, rows } = await worker.ask(id++, 1, [float32('x', [2], values)]);
      assert.equal(done.error?.code, code);
      assert.match(done.error.message, message);
      assert.deepEqual(rows, []);
      assert.equal(done.credit, 1);
    }
    const misfits = [
      [float32('z', [2], [1, 2])], [], [float32('x', [1], [1])], [{ ...float32('x', [1], [1]), dtype: 'int32' as const }],
    ];
    for (const inputs of misfits) assert.equal((await worker.ask(id++, 1, inputs)).done.error?.code, 'bad_input');
    assert.equal((await worker.ask(id++, 1, [float32('x', [2], [1, 1])], { outputs: ['nope'] })).done.error?.code, 'bad_input');
    assert.equal((await worker.ask(id++, 4097, [float32('x', [2], new Array<number>(2 * 4097).fill(0))])).done.error?.code, 'bad_input');
    assert.deepEqual(asFloat32((await worker.ask(id++, 1, [float32('x', [2], [7, 8])])).outputs['y']), [14, 16]);
  });

  test('one row fails and the others are answered', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker } = await broker.startWorker(doubler(), more);
    const { rows, outputs } = await worker.ask(1, 3, [float32('x', [2], [-5, 0, 1, 2, 3, 4])]);
    assert.deepEqual(rows.map(({ at, errors }) => ({ at, errors })), [{ at: [1, 2], errors: [{ row: 0, code: 'too_small', message: 'as asked' }] }]);
    assert.deepEqual(asFloat32(outputs['y']), [2, 4, 6, 8]);
  });

  test('a cancel reaches a batch under way; a batch of which every row is cancelled before its turn is done without rows', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker } = await broker.startWorker(doubler(), more);
    worker.batch(1, 2, [float32('x', [2], [-6, 0, 3, 4])]);
    worker.batch(2, 1, [float32('x', [2], [1, 1])]);
    worker.control(FRAME.cancel, { rows: [0] }, 2);
    worker.control(FRAME.cancel, { rows: [0] }, 1);
    assert.deepEqual(asFloat32((await worker.reply(1, 2)).outputs['y']), [-12, 0, 6, 8]);
    const second = await worker.reply(2, 1);
    assert.deepEqual(second.rows, []);
    assert.deepEqual(second.done, { compute_us: 0, credit: 1 });
  });

  test('drained: batches under way are answered, then goodbye, then exit code 0', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, started } = await broker.startWorker(doubler(), more);
    const watchdog = await broker.accept();
    await watchdog.hello();
    watchdog.welcome();
    worker.batch(1, 1, [float32('x', [2], [-6, 0])]);
    worker.batch(2, 1, [float32('x', [2], [3, 4])]);
    worker.control(FRAME.drain);
    worker.control(FRAME.cancel, { rows: [0] }, 1);
    await worker.reply(1, 1);
    assert.deepEqual(asFloat32((await worker.reply(2, 1)).outputs['y']), [6, 8]);
    assert.deepEqual((await worker.next(FRAME.goodbye)).header, { code: 'drained', message: 'every batch was answered' });
    await worker.closed;
    const ended = await started.ended;
    assert.deepEqual(ended, { code: 0, signal: null, stderr: '' });
  });

  test('the watchdog sends heartbeats on its own connection while the model works', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { worker, hello } = await broker.startWorker(doubler(), more);
    const watchdog = await broker.accept();
    const second = await watchdog.hello();
    assert.deepEqual(second, { wire: 1, role: 'watchdog', model: 'm', version: 3, pid: hello.pid, token: 'a-token' });
    watchdog.welcome(5);
    worker.batch(1, 1, [float32('x', [2], [-6, 0])]);
    for (let beat = 0; beat < 3; beat++) await watchdog.next(FRAME.heartbeat);
    worker.control(FRAME.cancel, { rows: [0] }, 1);
    await worker.reply(1, 1);
  });

  test('an owned container whose watchdog connection ends kills itself', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const { started } = await broker.startWorker(doubler(), more);
    const watchdog = await broker.accept();
    await watchdog.hello();
    watchdog.welcome();
    await watchdog.next(FRAME.heartbeat);
    watchdog.destroy();
    const ended = await started.ended;
    assert.equal(ended.signal, 'SIGKILL');
    assert.match(ended.stderr, /connection to the broker ended/);
  });

  test('an owned container that is refused says why and exits with 1', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const started = broker.start(doubler(), more);
    const worker = await broker.accept();
    await worker.hello();
    worker.control(FRAME.goodbye, { code: 'wrong_model', message: 'it was to be another' });
    const ended = await started.ended;
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /wrong_model: it was to be another/);
  });

  const violations: Record<string, Buffer> = {
    'bytes that are no frame': Buffer.alloc(64, 0x5a),
    'a payload over the limit': Buffer.from([0x54, 0x57, 1, 4, 0, 0, 0, 0, 0, 0, 0, 0x80, 1, 0, 0, 0]),
    'a batch whose tensors do not fill its payload': batchFrame(1, 2, [{ ...float32('x', [2], [1, 2, 3]), shape: [2] }]),
    'batch number 0': batchFrame(0, 1, [float32('x', [2], [1, 2])]),
    'more batches than credits': Buffer.concat([1, 2, 3].map((id) => batchFrame(id, 1, [float32('x', [2], [-6, 2])]))),
    'one number twice': Buffer.concat([batchFrame(1, 1, [float32('x', [2], [-6, 2])]), batchFrame(1, 1, [float32('x', [2], [-6, 2])])]),
  };
  for (const [what, bytes] of Object.entries(violations)) {
    test(`${what} ends that connection only: a container that was not started by its broker dials again`, async (t) => {
    const broker = await HandDrivenBroker.open(t);
      const { worker, started } = await broker.startWorker(doubler(), { ...more, TRADEWIND_OWNED: '0' });
      const watchdog = await broker.accept();
      await watchdog.hello();
      worker.write(bytes);
      assert.equal(((await worker.next(FRAME.goodbye)).header as { code: string }).code, 'protocol_error');
      worker.destroy();
      const again = await broker.accept();
      assert.equal((await again.hello()).pid, started.child.pid);
      started.child.kill('SIGKILL');
      await started.ended;
    });
  }

  test('a container that listens serves several brokers, shares its credits among them, and outlives each', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const path = join(broker.folder, 'listening.sock');
    const up = broker.dialWhenUp('listening.sock');
    const started = broker.start(doubler(), { ...more, TRADEWIND_CONNECT: '', TRADEWIND_LISTEN: `unix:${path}`, TRADEWIND_OWNED: '0', TRADEWIND_TOKEN_FD: '' });
    const first = await up;
    const hello = await first.hello();
    assert.equal(hello.token, undefined);
    assert.equal(hello.watchdog, `unix:${path}.watchdog`);
    first.welcome();
    assert.deepEqual((await first.next(FRAME.credit)).header, { n: 2 });
    const second = await broker.dial(path);
    await second.hello();
    second.welcome();
    // All credits are out: the second gets one when the first has spent one.
    const { done } = await first.ask(1, 1, [float32('x', [2], [1, 2])]);
    assert.equal(done.credit, undefined);
    assert.deepEqual((await second.next(FRAME.credit)).header, { n: 1 });
    assert.deepEqual(asFloat32((await second.ask(1, 1, [float32('x', [2], [5, 6])])).outputs['y']), [10, 12]);
    second.write(Buffer.alloc(32));
    await second.closed;
    assert.deepEqual((await first.next(FRAME.credit)).header, { n: 1 });
    assert.deepEqual(asFloat32((await first.ask(2, 1, [float32('x', [2], [1, 2])])).outputs['y']), [2, 4]);

    const watchdog = await broker.dial(`${path}.watchdog`);
    assert.equal((await watchdog.hello()).role, 'watchdog');
    watchdog.welcome(5);
    await watchdog.next(FRAME.heartbeat);

    started.child.kill('SIGTERM');
    await first.next(FRAME.goodbye);
    assert.deepEqual(await started.ended, { code: 0, signal: null, stderr: '' });
  });

  test('a container that was killed leaves its sockets behind, and the next one replaces them; one that serves is left alone', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const path = join(broker.folder, 'listening.sock');
    const start = (): Started => broker.start(doubler(), { ...more, TRADEWIND_CONNECT: '', TRADEWIND_LISTEN: `unix:${path}`, TRADEWIND_OWNED: '0', TRADEWIND_TOKEN_FD: '' });
    const up = broker.dialWhenUp('listening.sock');
    const first = start();
    await (await up).hello();
    const refused = await start().ended;
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /EADDRINUSE|[Aa]ddress already in use/u);
    first.child.kill('SIGKILL');
    await first.ended;
    const again = broker.dialWhenUp('listening.sock');
    const second = start();
    await (await again).hello();
    second.child.kill('SIGTERM');
    assert.equal((await second.ended).code, 0);
  });

  test('several brokers are dialled, each with its share of the credits', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const other = await HandDrivenBroker.open(t);
    const started = broker.start(doubler(), { ...more, TRADEWIND_CONNECT: `${broker.address},${other.address}`, TRADEWIND_OWNED: '0' });
    for (const one of [broker, other]) {
      const worker = await one.accept();
      await worker.hello();
      worker.welcome();
      assert.deepEqual((await worker.next(FRAME.credit)).header, { n: 1 });
      await (await one.accept()).hello();
    }
    started.child.kill('SIGTERM');
    assert.equal((await started.ended).code, 0);
  });

  test('every fault of the start is said, a line each, and the exit code is 1', async (t) => {
    const broker = await HandDrivenBroker.open(t);
    const ended = await broker.start(doubler(), { ...more, TRADEWIND_CONNECT: 'nowhere', TRADEWIND_MODEL: '', TRADEWIND_OPTIONS: '[]' }).ended;
    assert.equal(ended.code, 1);
    assert.deepEqual(ended.stderr.trim().split('\n'), [
      'tradewind container: "nowhere" is no address: unix:/path or tcp://host:port',
      'tradewind container: TRADEWIND_MODEL (--model) is missing',
      'tradewind container: TRADEWIND_OPTIONS (--options) is not a JSON object',
    ]);
  });
}
