import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection, Exchange, Reply } from '../../../../../frontend/http/exchange/exchange.ts';
import { LaneConnection } from '../../../../../frontend/http/lane/lane-connection.ts';
import { ReplyBytes } from '../../../../../frontend/http/lane/reply-bytes.ts';
import { RequestIds } from '../../../../../frontend/http/exchange/request-id.ts';
import { LaneSocket, turn } from '../../../../support/lane-socket.ts';

const post = (body: string, path = '/p'): string => `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

function reply(body: string, more: Partial<Reply> = {}): Reply {
  return { status: 200, headers: ['content-length', String(body.length)], body, bodyBytes: body.length, last: false, ...more };
}

function setUp(headBytes = 1000) {
  const socket = new LaneSocket();
  const connection: Connection = { socket: socket.asSocket(), open: [], latest: undefined, takeBackProbe: () => {}, failed: false };
  const taken: Exchange[] = [];
  const bodies: string[] = [];
  const world = { looks: 0, closing: false, handedOver: '', cut: [] as string[] };
  const lane = new LaneConnection(connection, {
    judge: ({ path, headers }) => (path !== '/p' ? undefined : {
      path, headers,
      take: (exchange) => {
        const at = taken.push(exchange) - 1;
        bodies[at] = '';
        exchange.read({ piece: (bytes) => { bodies[at] += bytes.toString('latin1'); }, end: () => { bodies[at] += '.'; }, broken: () => {} });
      },
    }),
    requestIds: new RequestIds('i'), replies: new ReplyBytes(5000), limits: { headBytes, bodyBytes: 100_000 },
    looks: () => world.looks, closing: () => world.closing, patience: { first: 2, next: 5, request: 3, stall: 2 }, stallMs: 700,
    handOver: () => socket.on('data', (chunk: Buffer) => { world.handedOver += chunk.toString('latin1'); }),
    cut: (_, code) => world.cut.push(code),
  });
  const lookAt = (looks: number): void => {
    world.looks = looks;
    lane.look();
  };
  /** Bodies of the answers that the client got. */
  const answers = (): string[] => socket.received.split(/HTTP\/1\.1 200 OK\r\n[^]*?\r\n\r\n/).slice(1);
  return { socket, connection, taken, bodies, world, lane, lookAt, answers };
}

test('a request is taken at its head, and its body goes on in pieces', async () => {
  const { socket, connection, taken, bodies, lane, answers } = setUp();
  assert.equal(lane.idle, true);
  const text = post('abcdef');
  await socket.send(text.slice(0, -4));
  assert.deepEqual([bodies, taken[0]?.whole, lane.idle, connection.latest], [['ab'], false, false, taken[0]]);
  await socket.send('cd');
  await socket.send('ef');
  assert.deepEqual([bodies, taken[0]?.whole, taken[0]?.answered], [['abcdef.'], true, false]);
  taken[0]?.answer(reply('one'));
  assert.deepEqual([answers(), taken[0]?.written, lane.idle], [['one'], true, true]);
});

test('each request has the length of its own body, and its own name', async () => {
  const { socket, taken } = setUp();
  const named = (id: string, body: string): string => post(body).replace('Host', `X-Request-Id: ${id}\r\nHost`);
  await socket.send(named('one', 'a') + named('two', 'b'.repeat(500)) + post('c'));
  assert.deepEqual(taken.map(({ bodyBytes, requestId }) => [bodyBytes, requestId]), [[1, 'one'], [500, 'two'], [1, 'i-000']]);
});

test('pipelined requests are answered in order, whatever the order of the answers', async () => {
  const { socket, taken, bodies, answers } = setUp();
  await socket.send(post('a') + post('') + post('c'));
  assert.deepEqual(bodies, ['a.', '.', 'c.']);
  taken[2]?.answer(reply('three'));
  taken[1]?.answer(reply('two'));
  assert.deepEqual([answers(), taken[2]?.answered, taken[2]?.written], [[], true, false]);
  taken[0]?.answer(reply('one'));
  assert.deepEqual(answers(), ['one', 'two', 'three']);
});

for (const [name, bytes] of [
  ['half a head', 'POST /p HTTP/1.1\r\nHost'], ['another route', post('x', '/q')], ['another method', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'], ['no HTTP', '\x16\x03\x01'], ['a head that is too long', post('').replace('Host', `X: ${'a'.repeat(1000)}\r\nHost`)],
] as const) {
  test(`${name} is left to node:http as it came, with all that follows`, async () => {
    const { socket, taken, world } = setUp();
    await socket.send(bytes);
    await socket.send(post('later'));
    assert.deepEqual([world.handedOver, taken.length, socket.received], [bytes + post('later'), 0, '']);
    assert.deepEqual(['end', 'drain', 'timeout', 'error'].map((event) => socket.listenerCount(event)), [0, 0, 0, 0]);
  });
}

test('what is node:http\'s waits until the answers before it are out', async () => {
  const { socket, taken, world, lane } = setUp();
  await socket.send(`${post('a')}GET / HTTP/1.1\r\n`);
  await socket.send('\r\n');
  assert.deepEqual([world.handedOver, socket.isPaused(), lane.idle], ['', true, false]);
  taken[0]?.answer(reply('one'));
  await turn();
  assert.equal(world.handedOver, 'GET / HTTP/1.1\r\n\r\n');
});

test('a refused body is thrown away, and the next request is served', async () => {
  const { socket, taken, bodies, answers } = setUp();
  const text = post('abcdef');
  await socket.send(text.slice(0, -3));
  taken[0]?.ignore({ piece: () => {}, end: () => {}, broken: () => {} });
  taken[0]?.answer(reply('no'));
  await socket.send(text.slice(-3) + post('x'));
  assert.deepEqual([answers(), bodies], [['no'], ['abc', 'x.']]);
});

test('behind an early answer our side ends, and what still comes is thrown away', async () => {
  const { socket, taken, answers } = setUp();
  await socket.send(post('abcdef').slice(0, -3));
  let ended = 0;
  taken[0]?.answerEarly(reply('no', { last: true }), () => ended++);
  await socket.send(`def${post('x')}`);
  assert.deepEqual([answers(), ended, taken.length, socket.writable, socket.destroyed], [['no'], 1, 1, false, false]);
  await socket.leave();
  assert.equal(socket.destroyed, true);
});

test('behind the last answer the connection ends, with what was asked after it', async () => {
  const { socket, taken, answers } = setUp();
  await socket.send(post('a') + post('b'));
  taken[0]?.answer(reply('one', { last: true }));
  taken[1]?.answer(reply('two'));
  await turn();
  assert.deepEqual([answers(), socket.destroyed], [['one'], true]);
});

test('a client that closed its side gets its answers, and then the connection ends', async () => {
  const { socket, taken, answers } = setUp();
  await socket.send(post('a') + post('b'));
  await socket.leave();
  taken[0]?.answer(reply('one'));
  assert.equal(socket.writable, true);
  taken[1]?.answer(reply('two'));
  await turn();
  assert.deepEqual([answers(), socket.destroyed], [['one', 'two'], true]);
  const idle = setUp();
  await idle.socket.leave();
  assert.equal(idle.socket.destroyed, true);
});

test('while the door closes, a connection ends with its last answer, whatever the answer says', async () => {
  const { socket, taken, world, answers } = setUp();
  await socket.send(post('a') + post('b'));
  world.closing = true;
  taken[0]?.answer(reply('one'));
  assert.equal(socket.writable, true);
  taken[1]?.answer(reply('two'));
  await turn();
  assert.deepEqual([answers(), socket.destroyed], [['one', 'two'], true]);
});

test('a client that closes its side within its body is cut off', async () => {
  const { socket, world } = setUp();
  await socket.send(post('abc').slice(0, -1));
  await socket.leave();
  assert.deepEqual(world.cut, ['malformed_request']);
});

test('whoever does not read his answers is read no further, until he does', async () => {
  const { socket, taken, bodies, answers } = setUp();
  socket.stuck = true;
  const large = 'x'.repeat(socket.writableHighWaterMark);
  await socket.send(post('a'));
  taken[0]?.answer(reply(large));
  await socket.send(post('b'));
  await socket.send(post('c'));
  assert.deepEqual([bodies, socket.isPaused()], [['a.', 'b.'], true]);
  socket.stuck = false;
  await turn();
  assert.deepEqual([bodies, socket.isPaused()], [['a.', 'b.', 'c.'], false]);
  taken[1]?.answer(reply('two'));
  assert.deepEqual(answers(), [large, 'two']);
});

test('answers that wait for the first are bounded: nothing more is read behind them', async () => {
  const { socket, taken } = setUp();
  await socket.send(post('a') + post('b'));
  taken[1]?.answer(reply('x'.repeat(socket.writableHighWaterMark)));
  await socket.send(post('c'));
  assert.deepEqual([taken.length, socket.isPaused()], [3, true]);
  taken[2]?.answer(reply('three'));
  taken[0]?.answer(reply('one'));
  await turn();
  assert.equal(socket.isPaused(), false);
});

test('a connection that asks nothing is told so, and one that asks nothing more is closed', async () => {
  const fresh = setUp();
  fresh.lookAt(2);
  assert.deepEqual(fresh.world.cut, []);
  fresh.lookAt(3);
  assert.deepEqual(fresh.world.cut, ['request_timeout']);
  const kept = setUp();
  await kept.socket.send(post('a'));
  kept.lookAt(100);
  kept.taken[0]?.answer(reply('one'));
  kept.lookAt(105);
  assert.equal(kept.socket.destroyed, false);
  kept.lookAt(106);
  assert.deepEqual([kept.socket.destroyed, kept.world.cut], [true, []]);
});

test('a body has its time, from one piece to the next and as a whole', async () => {
  const slow = setUp();
  await slow.socket.send(post('abcdef').slice(0, -5));
  for (const looks of [1, 2, 3]) {
    slow.lookAt(looks);
    await slow.socket.send('x');
  }
  assert.deepEqual(slow.world.cut, []);
  slow.lookAt(4);
  assert.deepEqual([slow.world.cut, slow.socket.destroyed], [['request_timeout'], false]);
  const silent = setUp();
  await silent.socket.send(post('abcdef').slice(0, -5));
  silent.lookAt(2);
  assert.equal(silent.socket.destroyed, false);
  silent.lookAt(3);
  assert.equal(silent.socket.destroyed, true);
});

test('an answer that nobody reads is given the time of a stall, while it lasts', async () => {
  const { socket, taken, lookAt } = setUp();
  socket.stuck = true;
  await socket.send(post('a'));
  taken[0]?.answer(reply('one'));
  lookAt(50);
  assert.deepEqual([socket.timeoutMs, socket.destroyed], [700, false]);
  socket.stuck = false;
  await turn();
  lookAt(51);
  assert.equal(socket.timeoutMs, 0);
  socket.stuck = true;
  await socket.send(post('b'));
  taken[1]?.answer(reply('two'));
  lookAt(52);
  socket.emit('timeout');
  assert.equal(socket.destroyed, true);
});
