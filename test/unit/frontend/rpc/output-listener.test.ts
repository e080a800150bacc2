import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { OutputListener } from '../../../../frontend/rpc/output-listener.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';
import { turnsUntil } from '../../../support/turns-until.ts';

const KEY_TIMEOUT_MICROS = 5_000_000;

async function listener(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'outputs-'));
  const clock = new VirtualClock();
  const outputs = await OutputListener.open({ folder, clock });
  t.after(async () => {
    await outputs.close();
    assert.deepEqual([clock.pending, existsSync(outputs.path)], [0, false]);
    rmSync(folder, { recursive: true });
  });
  const awaited = (): { key: string; close: () => void; printed: Promise<string> } => {
    let text = '';
    let end: (text: string) => void = () => {};
    const printed = new Promise<string>((resolve) => (end = resolve));
    const ticket = outputs.expect((chunk) => {
      if (chunk === undefined) end(text);
      else text += chunk.toString();
      return undefined;
    });
    return { ...ticket, printed };
  };
  return { outputs, clock, folder, awaited };
}

/** What a connection hears until it is closed, after it has said something. */
async function heard(path: string, ...said: string[]): Promise<string> {
  const socket = connect(path).setEncoding('utf8').on('error', () => {});
  let text = '';
  socket.on('data', (chunk: string) => (text += chunk));
  for (const one of said) socket.write(one);
  await once(socket, 'close');
  return text;
}

async function admitted(path: string, key: string): Promise<Socket> {
  const socket = connect(path);
  // In two pieces, as a stream may bring it.
  socket.write(key.slice(0, 5), () => socket.write(key.slice(5)));
  assert.equal(String((await once(socket, 'data'))[0]), '\n');
  return socket;
}

test('each stream goes to whom it belongs, byte for byte, once its key was said', async (t) => {
  const { outputs, awaited, folder } = await listener(t);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const [first, second] = [awaited(), awaited()];
  assert.notEqual(first.key, second.key);
  const b = await admitted(outputs.path, second.key);
  const a = await admitted(outputs.path, first.key);
  a.end('of the first');
  b.end('of the second');
  assert.deepEqual(await Promise.all([first.printed, second.printed]), ['of the first', 'of the second']);
});

test('a wrong key, one said twice, one that was taken back and half a key are cut off unheard', async (t) => {
  const { outputs, awaited } = await listener(t);
  const [one, back] = [awaited(), awaited()];
  back.close();
  const socket = await admitted(outputs.path, one.key);
  for (const key of ['x'.repeat(24), one.key, back.key]) assert.equal(await heard(outputs.path, key, 'more'), '', key);
  const half = connect(outputs.path);
  half.end(one.key.slice(0, 9));
  await once(half.resume(), 'close');
  socket.end('all of it');
  assert.equal(await one.printed, 'all of it');
});

test('whoever says nothing is cut off after a while, and more than sixteen such at once', async (t) => {
  const { outputs, clock } = await listener(t);
  const silent = Array.from({ length: 16 }, () => heard(outputs.path));
  await turnsUntil(() => clock.pending >= 16);
  assert.equal(await heard(outputs.path), '');
  assert.equal(clock.pending, 16);
  clock.advance(KEY_TIMEOUT_MICROS);
  assert.deepEqual(await Promise.all(silent), Array.from({ length: 16 }, () => ''));
});

test('a stream that is closed here ends, and so does all where the listener closes', async (t) => {
  const { outputs, awaited } = await listener(t);
  const [one, other] = [awaited(), awaited()];
  const sockets = [await admitted(outputs.path, one.key), await admitted(outputs.path, other.key)];
  one.close();
  assert.equal(await one.printed, '');
  assert.equal(sockets[1]?.destroyed, false);
});

test('a stream is read no faster than its taker wants, and to its end all the same', async (t) => {
  const { outputs, clock } = await listener(t);
  const flood = Buffer.alloc(4 * 1024 * 1024, 'y');
  let taken = 0;
  let end: () => void = () => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  const { key } = outputs.expect((chunk) => {
    taken += chunk?.length ?? 0;
    if (chunk === undefined) end();
    return clock.now() + 1000;
  });
  const socket = await admitted(outputs.path, key);
  socket.end(flood);
  const turns = async (): Promise<void> => {
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  while (taken === 0) await turns();
  const first = taken;
  await turns();
  assert.deepEqual([taken, first < flood.length / 4], [first, true], 'nothing more before its time');
  let isOver = false;
  void over.then(() => (isOver = true));
  while (!isOver) {
    clock.advance(1000);
    await turns();
  }
  assert.equal(taken, flood.length);
});

test('a stream that is cut while it is held leaves no wake behind', async (t) => {
  const { outputs, clock } = await listener(t);
  let end: () => void = () => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  const ticket = outputs.expect((chunk) => {
    if (chunk === undefined) end();
    return clock.now() + 1000;
  });
  const socket = await admitted(outputs.path, ticket.key);
  socket.on('error', () => {}).write('x');
  await turnsUntil(() => clock.pending !== 0);
  ticket.close();
  await over;
  assert.equal(clock.pending, 0);
});
