import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection, type UnderWay } from '../../../../bench/load/connection.ts';
import { encodeRequest } from '../../../../bench/load/http-request.ts';
import { answeringServer, json } from '../../../support/answering-server.ts';

interface Said { readonly request: UnderWay | undefined; readonly status?: number; readonly body?: string; readonly why?: string }

/** A connection whose events are awaited one at a time. */
function connection(url: string): { connection: Connection; next: () => Promise<Said> } {
  const said: Said[] = [];
  const waiting: ((one: Said) => void)[] = [];
  const hear = (one: Said): void => {
    const taker = waiting.shift();
    if (taker === undefined) said.push(one);
    else taker(one);
  };
  const { hostname, port } = new URL(url);
  return {
    connection: new Connection({ host: hostname, port: Number(port) }, {
      answered: (_from, request, status, body) => hear({ request, status, body: body.toString() }),
      unsolicited: () => hear({ request: undefined, why: 'unsolicited' }),
      ended: (_from, request, why) => hear({ request, why }),
    }),
    next: () => new Promise((resolve) => {
      const one = said.shift();
      if (one === undefined) waiting.push(resolve);
      else resolve(one);
    }),
  };
}

const request = (body: string): Buffer => encodeRequest({ path: '/', host: 'h', body }).bytes;

test('requests are answered one after another, and their bytes may change once they are sent', async () => {
  const server = await answeringServer((body, response) => json(response, `<${body}>`));
  const { connection: ours, next } = connection(server.url);
  const bytes = request('aaaa');
  ours.send({ sequence: 0, fromMicros: 5, leftMicros: 5 }, bytes);
  bytes.fill('x');
  assert.deepEqual(await next(), { request: { sequence: 0, fromMicros: 5, leftMicros: 5 }, status: 200, body: '<aaaa>' });
  ours.send({ sequence: 1, fromMicros: 6, leftMicros: 6 }, request('a longer body than the first'));
  assert.equal((await next()).body, '<a longer body than the first>');
  assert.ok(ours.idle);
  ours.close();
  await server.close();
});

test('a connection with a request under way is not idle and takes no other', async () => {
  const server = await answeringServer(() => undefined);
  const { connection: ours } = connection(server.url);
  ours.send({ sequence: 0, fromMicros: 0, leftMicros: 0 }, request('a'));
  assert.equal(ours.idle, false);
  assert.throws(() => ours.send({ sequence: 1, fromMicros: 0, leftMicros: 0 }, request('b')), /not idle/);
  ours.close();
  await server.close();
});

test('a server that hangs up loses the request, one that breaks HTTP too, and both say why', async () => {
  const server = await answeringServer((body, response) => {
    if (body === 'hang up') response.destroy();
    else response.writeHead(200, { 'transfer-encoding': 'chunked' }).end('no length');
  });
  const first = connection(server.url);
  first.connection.send({ sequence: 7, fromMicros: 0, leftMicros: 0 }, request('hang up'));
  assert.equal((await first.next()).request?.sequence, 7);
  assert.equal(first.connection.idle, false);
  const second = connection(server.url);
  second.connection.send({ sequence: 8, fromMicros: 0, leftMicros: 0 }, request('break'));
  const said = await second.next();
  assert.equal(said.request?.sequence, 8);
  assert.match(said.why ?? '', /without Content-Length/);
  await server.close();
});

test('an answer that nobody asked for is told', async () => {
  const server = await answeringServer((_body, response) => {
    response.socket?.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb');
  });
  const { connection: ours, next } = connection(server.url);
  ours.send({ sequence: 0, fromMicros: 0, leftMicros: 0 }, request('a'));
  assert.equal((await next()).body, 'a');
  assert.equal((await next()).why, 'unsolicited');
  ours.close();
  await server.close();
});
