import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { ownReads, sharedReads } from '../../../../frontend/runtime/shared-reads.ts';
import { LaneSocket, turn } from '../../../support/lane-socket.ts';
import { SEED, seeded } from '../../../support/random.ts';
import { turnsUntil } from '../../../support/turns-until.ts';

interface Pair {
  readonly client: Socket;
  readonly accepted: Socket;
  readonly moved: Socket;
}

async function listen(t: TestContext): Promise<{ server: Server; pair: () => Promise<Pair> }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  // In the listener itself, as the lane does it: nothing has been read yet.
  const pair = async (): Promise<Pair> => {
    const taken = new Promise<Omit<Pair, 'client'>>((resolve) => server.once('connection', (accepted) => resolve({ accepted, moved: sharedReads(accepted) })));
    const client = connect(port, '127.0.0.1');
    const { accepted, moved } = await taken;
    sockets.push(client, moved);
    return { client, accepted, moved };
  };
  return { server, pair };
}

test('reads of all sockets come to one memory, each there until its listener returns', async (t) => {
  const { pair } = await listen(t);
  const [one, two] = [await pair(), await pair()];
  const pieces: Buffer[] = [];
  const texts: string[] = [];
  for (const { moved } of [one, two]) moved.on('data', (piece: Buffer) => texts.push(String(pieces[pieces.push(piece) - 1])));
  one.client.write('first');
  await turnsUntil(() => texts.length === 1);
  two.client.write('other');
  await turnsUntil(() => texts.length === 2);
  assert.deepEqual(texts, ['first', 'other']);
  assert.equal(pieces[0]?.buffer, pieces[1]?.buffer);
  assert.equal(String(pieces[0]), 'other');
});

test('pieces that are to be the listener\'s own stay as they came', async (t) => {
  const { pair } = await listen(t);
  const { client, moved } = await pair();
  const pieces: Buffer[] = [];
  ownReads(moved);
  moved.on('data', (piece: Buffer) => pieces.push(piece));
  client.write('ab');
  await turnsUntil(() => pieces.length === 1);
  client.write('cd');
  await turnsUntil(() => pieces.length === 2);
  assert.deepEqual(pieces.map(String), ['ab', 'cd']);
});

test('the server counts the socket that was made, and the accepted one is nobody\'s', async (t) => {
  const { server, pair } = await listen(t);
  const { client, accepted, moved } = await pair();
  moved.resume();
  assert.notEqual(moved, accepted);
  assert.equal(await new Promise((resolve) => server.getConnections((_, count) => resolve(count))), 1);
  const closed = once(server, 'close');
  server.close();
  accepted.destroy();
  client.end();
  await once(moved, 'end');
  moved.end('bye');
  assert.equal(String((await once(client, 'data'))[0]), 'bye');
  await closed;
});

test('what is no socket of a server is left as it is', () => {
  const socket = new LaneSocket().asSocket();
  assert.equal(sharedReads(socket), socket);
  ownReads(socket);
});

type Step = { readonly at: number; readonly what: 'send' | 'pause' | 'resume' | 'turn' | 'back' | 'end' };
const SOCKETS = 3;

test(seeded('every byte of every socket comes once and in order, whatever is done to it, and then its end'), async (t) => {
  const { pair } = await listen(t);
  const what = fc.constantFrom<Step['what']>('send', 'send', 'send', 'pause', 'resume', 'turn', 'back', 'end');
  await fc.assert(fc.asyncProperty(fc.array(fc.record({ at: fc.nat(SOCKETS - 1), what }), { maxLength: 60 }), async (steps) => {
    const worlds: Pair[] = [];
    while (worlds.length < SOCKETS) worlds.push(await pair());
    const ends = worlds.map(() => false);
    const sent = worlds.map(() => '');
    const came = worlds.map(() => '');
    const back = worlds.map(() => false);
    worlds.forEach(({ moved }, i) => {
      const take = (piece: Buffer): void => {
        const puts = back[i] && piece.length > 1;
        const kept = puts ? piece.subarray(1) : piece.subarray(piece.length);
        came[i] += piece.toString('latin1', 0, piece.length - kept.length);
        if (!puts) return;
        // As the lane does with what is not its own.
        moved.pause();
        moved.unshift(Buffer.from(kept));
        moved.off('data', take);
        ownReads(moved);
        moved.on('data', (more: Buffer) => { came[i] += more.toString('latin1'); });
      };
      moved.on('data', take);
    });
    worlds.forEach(({ moved }, i) => moved.on('end', () => { ends[i] = true; }));
    for (const { at, what: step } of steps) {
      const { client, moved } = worlds[at] as Pair;
      if (step === 'send' && client.writable) {
        const piece = `${at}:${sent[at]?.length};`.repeat(20);
        sent[at] += piece;
        client.write(piece);
      } else if (step === 'back') back[at] = true;
      else if (step === 'turn') await turn();
      else if (step === 'end') client.end();
      else if (step === 'pause' || step === 'resume') moved[step]();
    }
    back.fill(false);
    for (const { client, moved } of worlds) {
      client.end();
      moved.resume();
    }
    await turnsUntil(() => ends.every(Boolean));
    assert.deepEqual(came, sent);
    for (const { client, moved } of worlds) {
      client.destroy();
      moved.destroy();
    }
  }), { seed: SEED, numRuns: 200 });
});
