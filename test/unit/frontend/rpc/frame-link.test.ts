import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FRAME, FrameReader } from '../../../../protos/wire.ts';
import { Connection } from '../../../../frontend/rpc/connection.ts';
import { FrameLink } from '../../../../frontend/rpc/frame-link.ts';
import { SendBuffers } from '../../../../frontend/rpc/send-buffers.ts';
import { SharedMemory } from '../../../../frontend/rpc/shared-memory.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { TestSink, batchOf, infer, pairQuery, queryOf } from '../../../support/batches.ts';
import { RecordingWatcher } from '../../../support/replica-watcher.ts';
import { noSharedMemory } from '../../../support/shared-memory.ts';
import { socketPair } from '../../../support/socket-pair.ts';
import { HELLO, ContainerEnd } from '../../../support/container-end.ts';

async function linked(credits = 0, slabs?: SlabArena, memory?: SharedMemory) {
  const { near, far } = await socketPair();
  const watcher = new RecordingWatcher();
  const buffers = new SendBuffers();
  const connection = new Connection(near, { frame: () => {}, ended: () => {} });
  const facts = { pid: 1, signature: HELLO, maxBatch: 8, about: {} };
  const link = new FrameLink('m@1/1.1', facts, connection, { events: watcher, buffers, slabs, memory });
  connection.admit(link);
  const peer = new ContainerEnd(far);
  if (credits > 0) {
    peer.send(FRAME.credit, { n: credits, ...(memory && { shared: true }) });
    await watcher.until(`credit ${credits}`);
  }
  return { link, connection, peer, watcher, buffers };
}

test('a batch costs a credit, and done brings it back, told once', async () => {
  const { link, connection, peer, watcher, buffers } = await linked(2);
  const outcome = infer(link, batchOf(pairQuery(1)));
  assert.deepEqual([link.credits, link.underWay], [1, 1]);
  const { kind, batch } = await peer.next();
  assert.equal(kind, FRAME.batch);
  peer.send(FRAME.done, { compute_us: 2.6, credit: 1, error: { code: 'e', message: 'm' } }, batch);
  assert.deepEqual((await outcome).end, { kind: 'done', computeMicros: 3, error: { code: 'e', message: 'm' } });
  assert.deepEqual([link.credits, link.underWay, buffers.out], [2, 0, 0]);
  assert.deepEqual(watcher.told, ['credit 2', 'credit 2']);
  connection.destroy('end');
});

test('no batch without a credit', async () => {
  const { link, connection } = await linked();
  assert.throws(() => link.infer(batchOf(pairQuery(1)), new TestSink()), /without a credit/);
  connection.destroy('end');
});

test('cancelled rows are named to the container by batch and row', async () => {
  const { link, connection, peer } = await linked(1);
  const sink = new TestSink();
  const flight = link.infer(batchOf(pairQuery(1, 2, 3)), sink);
  const { batch } = await peer.next();
  flight.cancel([0, 2]);
  assert.deepEqual(await peer.next(), { kind: FRAME.cancel, batch, header: { rows: [0, 2] } });
  connection.destroy('end');
  assert.equal((await sink.ended).end.kind, 'lost');
});

test('while it drains it takes nothing new and answers what it has', async () => {
  const { link, peer, watcher } = await linked(2);
  const outcome = infer(link, batchOf(pairQuery(1)));
  const { batch } = await peer.next();
  link.drain();
  link.drain();
  assert.equal(link.credits, 0);
  assert.equal((await peer.next()).kind, FRAME.drain);
  peer.send(FRAME.done, { compute_us: 1, credit: 1 }, batch);
  assert.equal((await outcome).end.kind, 'done');
  peer.send(FRAME.goodbye, { code: 'drained', message: 'all answered' });
  await watcher.until('closed: it said goodbye: all answered');
  assert.deepEqual(watcher.told.slice(1), ['closed: it said goodbye: all answered']);
});

test('cut off, it says that it is closed, and only then that its batches are lost', async () => {
  const { link, connection, watcher } = await linked(2);
  const outcomes = [infer(link, batchOf(pairQuery(1))), infer(link, batchOf(pairQuery(2)))];
  connection.destroy('hung');
  connection.destroy('again');
  assert.deepEqual(watcher.told.slice(1), ['closed: hung']);
  assert.deepEqual((await Promise.all(outcomes)).map(({ end }) => end), [{ kind: 'lost', message: 'hung' }, { kind: 'lost', message: 'hung' }]);
  assert.equal(link.credits, 0);
});

for (const [name, kind, header, batch] of [
  ['a second hello', FRAME.hello, HELLO, 0],
  ['a credit of none', FRAME.credit, { n: 0 }, 0],
  ['more credits than anybody needs', FRAME.credit, { n: 64 }, 0],
  ['the end of a batch that it was not sent', FRAME.done, { compute_us: 1 }, 9],
  ['an end without a time', FRAME.done, {}, 1],
] as const) {
  test(`${name} ends the connection`, async () => {
    const { link, peer, watcher } = await linked(1);
    const outcome = infer(link, batchOf(pairQuery(1)));
    await peer.next();
    peer.send(kind, header, batch);
    assert.equal((await outcome).end.kind, 'lost');
    assert.equal((await peer.next()).kind, FRAME.goodbye);
    assert.match(watcher.told.at(-1) ?? '', /^closed: /);
  });
}

test('frames of kinds that nobody knows yet, and heartbeats, are ignored', async () => {
  const { connection, peer, watcher } = await linked(1);
  peer.send(200 as never, { x: 1 });
  peer.send(FRAME.heartbeat);
  peer.send(FRAME.credit, { n: 1 });
  await watcher.until('credit 2');
  connection.destroy('end');
});

/** A query of `rows` rows of 784 float32 in memory of `slabs`; its own hold on it is gone. */
function passing(slabs: SlabArena, rows: number) {
  const rowBytes = 784 * 4;
  const { slab, offset } = slabs.allocate(rows * rowBytes);
  slab.bytes.fill(7, offset, offset + rows * rowBytes);
  const query = { ...queryOf([]), rows, batchKey: 'passing', columns: [{ name: 'x', dtype: 'float32' as const, shape: [784], slab, offset, strideBytes: rowBytes, rowBytes }] };
  return { query, leave: () => slabs.release(slab) };
}

test('rows that leave from their slabs arrive whole where their query has ended meanwhile, and the slabs come back', async () => {
  const slabs = new SlabArena({ poison: true });
  const { link, connection, peer, buffers } = await linked(3, slabs);
  const payloads: Buffer[] = [];
  const reader = new FrameReader(({ payload }) => payloads.push(Buffer.from(payload)));
  peer.socket.on('data', (chunk: Buffer) => reader.push(chunk));
  const outcomes = [200, 128, 300].map((rows) => {
    const { query, leave } = passing(slabs, rows);
    const outcome = infer(link, batchOf(query));
    leave();
    return outcome;
  });
  assert.equal(slabs.usedSlabs, 3);
  for (const rows of [200, 128, 300]) {
    const { batch } = await peer.next();
    assert.ok(payloads.shift()?.equals(Buffer.alloc(rows * 784 * 4, 7)), `${rows} rows did not arrive as they were`);
    peer.send(FRAME.done, { compute_us: 1 }, batch);
  }
  await Promise.all(outcomes);
  assert.deepEqual([slabs.usedSlabs, buffers.out], [0, 0]);
  connection.destroy('end');
});

test('a link that is cut gives back what it had not sent yet', async () => {
  const slabs = new SlabArena();
  const { link, connection, peer, buffers } = await linked(3, slabs);
  peer.socket.pause();
  const outcomes = [400, 400, 400].map((rows) => {
    const { query, leave } = passing(slabs, rows);
    const outcome = infer(link, batchOf(query));
    leave();
    return outcome;
  });
  assert.ok(slabs.usedSlabs > 0);
  connection.destroy('hung');
  await Promise.all(outcomes);
  peer.socket.resume();
  await peer.closed;
  assert.deepEqual([slabs.usedSlabs, buffers.out], [0, 0]);
});

const LARGE = { rows: 128, budget_us: 50_000, inputs: [{ name: 'x', dtype: 'float32', shape: [784], bytes: 128 * 784 * 4 }] };

test('with shared memory, large batches lie each in a place of its own until it is done, and go with the link', { skip: noSharedMemory }, async () => {
  const slabs = new SlabArena();
  const memory = SharedMemory.create();
  assert.ok(memory);
  const { link, connection, peer } = await linked(3, slabs, memory);
  const send = (): ReturnType<typeof infer> => {
    const { query, leave } = passing(slabs, 128);
    const outcome = infer(link, batchOf(query));
    leave();
    return outcome;
  };
  const outcomes = [send(), send()];
  assert.equal(slabs.usedSlabs, 0, 'nothing is held: all of it has been copied');
  const [first, second] = [await peer.next(), await peer.next()];
  const size = 98 * 4096;
  assert.deepEqual([first.header, second.header], [{ ...LARGE, shared: 4096 }, { ...LARGE, shared: 4096 + size }]);
  const all = readFileSync(memory.offer.path);
  assert.ok(all.subarray(4096 + size, 4096 + size + 128 * 784 * 4).every((byte) => byte === 7));
  peer.send(FRAME.done, { compute_us: 1, credit: 1 }, first.batch);
  await outcomes[0];
  outcomes.push(send());
  assert.deepEqual((await peer.next()).header, { ...LARGE, shared: 4096 }, 'the place of the one that is done');
  connection.destroy('end');
  await Promise.all(outcomes);
  assert.throws(() => readFileSync(memory.offer.path));
  assert.equal(memory.take(1), undefined);
});

test('memory that the first credit does not take is closed, and a later credit does not bring it back', { skip: noSharedMemory }, async () => {
  const slabs = new SlabArena();
  const memory = SharedMemory.create();
  assert.ok(memory);
  const { link, connection, peer, watcher } = await linked(0, slabs, memory);
  peer.send(FRAME.credit, { n: 1 });
  peer.send(FRAME.credit, { n: 1, shared: true });
  await watcher.until('credit 2');
  assert.throws(() => readFileSync(memory.offer.path));
  const { query, leave } = passing(slabs, 128);
  const outcome = infer(link, batchOf(query));
  leave();
  assert.deepEqual((await peer.next()).header, LARGE);
  connection.destroy('end');
  await outcome;
});
