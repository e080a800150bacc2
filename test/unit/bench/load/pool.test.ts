import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRequest } from '../../../../bench/load/http-request.ts';
import { Pool } from '../../../../bench/load/pool.ts';
import { answeringServer, json, type Reply } from '../../../support/answering-server.ts';

const SOURCE = { next: (sequence: number): Buffer => encodeRequest({ path: '/', host: 'h', body: String(sequence) }).bytes };

async function pooled(size: number, reply?: Reply) {
  const server = await answeringServer(reply);
  const answered: number[] = [];
  const lost: number[] = [];
  let wake: () => void = () => undefined;
  let why = '';
  const pool = new Pool(server.url, size, {
    answered: ({ sequence }) => { answered.push(sequence); },
    free: () => wake(),
    lost: ({ sequence }) => { lost.push(sequence); },
    broken: (words) => { why = words; wake(); },
  });
  await pool.open();
  return {
    server, pool, answered, lost,
    broken: () => why,
    until: async (done: () => boolean): Promise<void> => {
      while (!done()) await new Promise<void>((resolve) => { wake = resolve; });
      wake = () => undefined;
    },
    close: async (): Promise<void> => {
      pool.close();
      await server.close();
    },
  };
}

test('no more requests are under way than there are connections, and each is answered once', async () => {
  const { pool, answered, until, close } = await pooled(2);
  assert.deepEqual([0, 1, 2].map((i) => pool.send({ sequence: i, fromMicros: 0, leftMicros: 0 }, SOURCE)), [true, true, false]);
  assert.equal(pool.underWay, 2);
  await until(() => answered.length === 2);
  assert.ok(pool.send({ sequence: 2, fromMicros: 0, leftMicros: 0 }, SOURCE));
  await until(() => answered.length === 3);
  assert.deepEqual([pool.underWay, pool.unsolicited], [0, 0]);
  assert.deepEqual(answered.toSorted((a, b) => a - b), [0, 1, 2]);
  await close();
});

test('more connections are opened as they are needed, up to the bound', async () => {
  const { server, pool, answered, until, close } = await pooled(1);
  const wide = new Pool(server.url, 3, { answered: ({ sequence }) => { answered.push(sequence); }, free: () => undefined, lost: () => undefined, broken: () => undefined });
  await wide.open(1);
  assert.deepEqual([0, 1, 2, 3].map((i) => wide.send({ sequence: i, fromMicros: 0, leftMicros: 0 }, SOURCE)), [true, true, true, false]);
  // Those that come later are answered as the first.
  while (answered.length < 3) await new Promise((resolve) => { setImmediate(resolve); });
  assert.ok(pool.send({ sequence: 3, fromMicros: 0, leftMicros: 0 }, SOURCE));
  await until(() => answered.length === 4);
  wide.close();
  await close();
});

test('a connection that ended is opened anew, its request is lost', async () => {
  const { pool, answered, lost, until, close } = await pooled(1, (body, response) => {
    if (body === '0') response.destroy();
    else json(response, '{}');
  });
  pool.send({ sequence: 0, fromMicros: 0, leftMicros: 0 }, SOURCE);
  await until(() => lost.length === 1);
  assert.ok(pool.send({ sequence: 1, fromMicros: 0, leftMicros: 0 }, SOURCE));
  await until(() => answered.length === 1);
  assert.deepEqual([lost, answered, pool.underWay], [[0], [1], 0]);
  await close();
});

test('a server that only ever hangs up is given up', async () => {
  const { pool, until, broken, close } = await pooled(1, (_body, response) => { response.destroy(); });
  for (let i = 0; broken() === ''; i++) {
    const before = pool.underWay;
    assert.ok(pool.send({ sequence: i, fromMicros: 0, leftMicros: 0 }, SOURCE));
    await until(() => pool.underWay === before || broken() !== '');
  }
  assert.match(broken(), /end without an answer/);
  await close();
});

test('opening fails where nobody listens', async () => {
  const server = await answeringServer();
  await server.close();
  const events = { answered: () => undefined, free: () => undefined, lost: () => undefined, broken: () => undefined };
  await assert.rejects(new Pool(server.url, 3, events).open(), /cannot connect to 127\.0\.0\.1:\d+/);
});
