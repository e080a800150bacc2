import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Frame } from '../../../../protos/wire.ts';
import { FRAME, FrameReader, controlFrame } from '../../../../protos/wire.ts';
import { Connection } from '../../../../frontend/rpc/connection.ts';
import { socketPair } from '../../../support/socket-pair.ts';

async function connected(onFrame: (kind: number, connection: Connection) => void = () => {}) {
  const { near, far } = await socketPair();
  const kinds: number[] = [];
  let tell: (why: string) => void = () => {};
  const ended = new Promise<string>((resolve) => (tell = resolve));
  const connection: Connection = new Connection(near, {
    frame: ({ kind }) => {
      kinds.push(kind);
      onFrame(kind, connection);
    },
    ended: (why) => tell(why),
  });
  const replies: Frame[] = [];
  const reader = new FrameReader((frame) => replies.push({ ...frame, payload: frame.payload }));
  far.on('data', (chunk: Buffer) => reader.push(chunk));
  far.on('error', () => {});
  return { connection, far, kinds, ended, replies };
}

test('frames reach the owner, and the end of the peer is told once', async () => {
  const { far, kinds, ended, connection } = await connected();
  far.end(Buffer.concat([controlFrame(FRAME.heartbeat), controlFrame(FRAME.credit, { n: 1 })]));
  assert.equal(await ended, 'it closed the connection');
  assert.deepEqual(kinds, [FRAME.heartbeat, FRAME.credit]);
  assert.equal(connection.open, false);
});

test('bytes that are no frame end the connection, with a goodbye that says why', async () => {
  const { far, ended, replies } = await connected();
  const closed = once(far, 'close');
  far.write('SSH-2.0-x and more bytes');
  assert.match(await ended, /not a frame/);
  await closed;
  assert.deepEqual(replies.map(({ kind, header }) => [kind, (header as { code: string }).code]), [[FRAME.goodbye, 'protocol_error']]);
});

test('a stranger may send no payload; once admitted, it may, in the very next frame', async () => {
  const loaded = Buffer.concat([controlFrame(FRAME.rows), Buffer.alloc(8)]);
  loaded.writeUInt32LE(8, 8);
  const stranger = await connected();
  stranger.far.write(loaded);
  assert.match(await stranger.ended, /payload of 8 bytes; at most 0/);
  let arrived: () => void = () => {};
  const rows = new Promise<void>((resolve) => (arrived = resolve));
  const guest = await connected((_, connection) => {
    connection.admit({ frame: ({ kind }) => (kind === FRAME.rows ? arrived() : undefined), ended: () => {} });
    guest.far.write(loaded);
  });
  guest.far.write(controlFrame(FRAME.hello));
  await rows;
  guest.connection.destroy('enough');
  guest.far.destroy();
  stranger.far.destroy();
});

test('a goodbye ends the connection with its words, and what follows it is not read', async () => {
  const { far, kinds, ended } = await connected();
  far.write(Buffer.concat([controlFrame(FRAME.goodbye, { code: 'drained', message: 'all answered' }), controlFrame(FRAME.heartbeat)]));
  assert.equal(await ended, 'it said goodbye: all answered');
  assert.deepEqual(kinds, []);
  far.destroy();
});

test('destroy tells the end before it returns, close after', async () => {
  const { connection, ended, far } = await connected();
  connection.close({ code: 'c', message: 'we are done' });
  assert.equal(connection.open, false);
  assert.equal(await ended, 'we are done');
  far.destroy();
  const other = await connected();
  let told = '';
  void other.ended.then((why) => (told = why));
  other.connection.destroy('cut');
  await Promise.resolve();
  assert.equal(told, 'cut');
  other.far.destroy();
});
