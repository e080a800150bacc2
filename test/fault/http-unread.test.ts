import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { until } from '../support/broker-process.ts';
import { openDoor, type OpenDoor } from '../support/http-door.ts';

/** More than the kernel takes for a client that does not read: what lies in the door then is what it does not take. */
const ANSWER = 'x'.repeat(24 * 1024 * 1024);
/** More than a client takes that does not read, less than the kernel takes for both. */
const LONG = 'y'.repeat(1024 * 1024);
const ROOM_BYTES = 32 * 1024 * 1024;
const BODY = '{"input":[1,2,3,4]}';

/** Asks, is answered at length, and reads none of it. */
async function unread({ port, road }: OpenDoor): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {}).pause();
  await once(socket, 'connect');
  socket.write(`POST /v1/apps/held/predict HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`);
  await road.until(() => road.waiting.length === 1);
  const [query] = road.waiting;
  road.answer(query, { slot: query?.slot ?? 0, latencyMicros: 1, decisionId: 'd', ok: true, source: 'model', model: 'm', version: 1, rows: [{ source: 'model', output: { kind: 'json', json: ANSWER } }] });
  return socket;
}

/** Whether all of the answer came. */
function readOn(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > ANSWER.length) resolve(true);
    });
    socket.on('close', () => resolve(false));
    socket.resume();
  });
}

test('clients that do not read their answers hold no more than they may together, and who reads notices nothing', async () => {
  const door = await openDoor({ limits: { openBodyBytes: ROOM_BYTES } });
  const clients = [await unread(door), await unread(door)];
  await until('one is cut off', () => door.meter.value('tradewind_http_unread_total') > 0);
  const reply = await fetch(door.url('/v1/apps/sum/predict'), { method: 'POST', headers: { 'content-type': 'application/json' }, body: BODY });
  assert.match(await reply.text(), /"output":10,/u);
  assert.equal((await Promise.all(clients.map(readOn))).filter(Boolean).length, 1, 'the other has its answer whole');
  assert.equal(door.meter.value('tradewind_http_unread_total'), 1);
  for (const client of clients) client.destroy();
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});

test('a refusal that ends the connection takes no answer with it that came before', async () => {
  const door = await openDoor();
  const { port, road } = door;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).pause();
  const faults: Error[] = [];
  socket.on('error', (fault) => faults.push(fault));
  await once(socket, 'connect');
  // `TE` makes it node:http's, which has both requests before the first is answered.
  socket.write(`POST /v1/apps/held/predict HTTP/1.1\r\nHost: localhost:${port}\r\nTE: trailers\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`);
  socket.write(`GET /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost:${port}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n`);
  await road.until(() => road.waiting.length === 1);
  const [query] = road.waiting;
  road.answer(query, { slot: query?.slot ?? 0, latencyMicros: 1, decisionId: 'd', ok: true, source: 'model', model: 'm', version: 1, rows: [{ source: 'model', output: { kind: 'json', json: LONG } }] });
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.pause();
  // The body that nobody wants goes on.
  for (let i = 0; i < 200 && faults.length === 0; i++) await new Promise((resolve) => socket.write('1\r\nx\r\n', () => setImmediate(resolve)));
  socket.resume();
  await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  socket.destroy();
  assert.deepEqual(faults, []);
  assert.ok(text.includes(LONG), `${text.length} bytes of it came`);
  assert.match(text.slice(-2000), /HTTP\/1\.1 405 [^]*connection: close[^]*"code":"method_not_allowed"/u);
  assert.deepEqual(await door.end(), { lost: 0, open: 0, slabs: 0, wakes: 0 });
});
