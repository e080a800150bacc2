import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { type OpenDoor, openDoor, RawClient } from '../support/http-door.ts';
import { SEED, seeded } from '../support/random.ts';

let door: OpenDoor;
before(async () => {
  door = await openDoor({ limits: { bodyBytes: 4000 } });
});
after(async () => {
  const left = await door.end();
  assert.deepEqual([left, door.faults], [{ lost: 0, open: 0, slabs: 0, wakes: 0 }, []]);
});

/** What was written reaches the door in this and the next turn of the loop that both share. */
async function twoTurns(): Promise<void> {
  for (let left = 2; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}

/**
 * Sends bytes in pieces, closes the client's side, and gives back everything that came, less what differs from one time to the
 * next. A connection that asked for something else before is node:http's, whatever comes on it.
 */
async function answersTo(bytes: Buffer, cuts: readonly number[], by: 'lane' | 'node:http'): Promise<string> {
  const client = await RawClient.connect(door.port);
  client.socket.setNoDelay(true);
  if (by === 'node:http') {
    client.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.until(/\{"status":"ok"\}$/);
    client.text = '';
  }
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  let from = 0;
  for (const to of [...places, bytes.length]) {
    if (to === from) continue;
    client.write(bytes.subarray(from, to));
    from = to;
    await twoTurns();
  }
  client.socket.end();
  // Of those that wait, the last asked is answered first.
  while (!client.socket.readableEnded && !client.socket.destroyed) {
    await twoTurns();
    const waiting = door.road.waiting.at(-1);
    if (waiting !== undefined) door.road.answer(waiting);
  }
  // Interim answers come by the clock.
  return (await client.ended()).replaceAll('HTTP/1.1 102 Processing\r\n\r\n', '').split(/(?=HTTP\/1\.1 \d)/).map(withoutMoment).join('');
}

/** An answer without its date and without the ids that were made for it, which may be longer or shorter. */
function withoutMoment(answer: string): string {
  const [, id = ''] = /"request_id":"(test-[0-9a-z]+)"/.exec(answer) ?? [];
  return answer.replace(/Date: [^\r]*/, 'Date: …')
    .replace(/content-length: (\d+)/, (_, length: string) => `content-length: ${Number(length) - id.length}`)
    .replaceAll(/test-[0-9a-z]+/g, 'test-…').replaceAll(/"d\d+"|-id: d\d+/g, 'd…');
}

/** Inflating takes its time: whether what is no HTTP behind it ends the connection before that is answered, is chance with node:http itself. */
function isCutShort(text: string, one: string, other: string): boolean {
  return text.includes('Content-Encoding: gzip') && (one.startsWith(other) || other.startsWith(one));
}

const pick = <T>(...from: T[]): fc.Arbitrary<T> => fc.constantFrom(...from);
/** Mostly the first, now and then one of the others. */
const mostly = <T>(first: T, ...others: T[]): fc.Arbitrary<T> => fc.oneof({ arbitrary: fc.constant(first), weight: 12 }, { arbitrary: pick(...others), weight: 1 });

const ODD_HEADERS: readonly string[] = [
  'Transfer-Encoding: chunked', 'Expect: nothing', 'Upgrade: h2c', 'Connection: close', 'Connection: upgrade', 'Connection: keep-alive, x',
  'Content-Encoding: gzip', 'Content-Encoding: identity', 'Content-Length: 3', 'Content-Length: 19', 'Host: localhost', 'Host: evil.example', 'Origin: http://evil.example', 'TE: trailers',
  'X-Tab:\tvalue', 'X-Trailing: value ', 'X-Twice: a\r\nX-Twice: b', 'X-Folded: a\r\n b', 'X-Bare: a\nX-Next: b', 'X-Cr: a\rb', 'X-Empty:', 'X-Obs: \u00e9', 'X-Null: \0', 'X-Del: \u007f',
  'X Space: a', 'No-Colon', ': empty', 'X-Before : a', '__proto__: a', 'Accept: text/html\r\nAccept: application/octet-stream', `X-Long: ${'a'.repeat(4200)}`,
];
const HEADERS: readonly string[] = [
  'User-Agent: test/1.0 (a; b)', 'Accept: */*', 'Accept: application/octet-stream', 'Accept-Encoding: gzip, deflate', 'Connection: keep-alive', 'connection: Keep-Alive', 'X-Request-Id: mine',
  'X-Request-Id: not sane', 'tradewind-slo-ms: 7', 'tradewind-slo-ms: fast', 'tradewind-shape: 4', 'tradewind-dtype: float32', 'Cookie: a=b; c=d', 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'X-Close:a',
];
const BODIES: readonly (readonly [type: string, body: string])[] = [
  ['application/json', '{"input":[1,2,3,4]}'], ['application/json', '{"input":[1,2,3,4]}'], ['application/json', '{"inputs":[[1,2,3,4],[5,6,7,8]],"slo_ms":9}'], ['application/json', '{"input":[1,2,3]}'], ['application/json', '{"input":['],
  ['application/json', ''], ['application/json', `{"input":[1,2,3,4]${' '.repeat(3900)}}`], ['application/octet-stream', '0123456789abcdef'], ['application/octet-stream', '0123'],
];

interface RequestWords {
  readonly line: string;
  readonly host: string;
  readonly type: string;
  /** `#` stands for the length of the body. */
  readonly length: string;
  readonly body: readonly [type: string, body: string];
  readonly more: readonly string[];
  /** Where among the headers the length stands. */
  readonly order: number;
}

function bytesOf({ line, host, type, length, body: [mediaType, body], more, order }: RequestWords): Buffer {
  const lines = [host, type + mediaType, ...more];
  lines.splice(order % (lines.length + 1), 0, length.replaceAll('#', String(body.length)));
  return Buffer.from(`${[line, ...lines].join('\r\n')}\r\n\r\n${body}`, 'latin1');
}

/** A predict request, mostly plain, with all that can be odd about it. */
const request = fc.record<RequestWords>({
  line: mostly('POST /v1/apps/sum/predict HTTP/1.1', 'POST /v1/apps/none/predict HTTP/1.1', 'POST /v1/apps/unknown-inputs/predict HTTP/1.1', 'POST /v1/apps/sum/predict?slo_ms=5 HTTP/1.1', 'POST /v1/apps/%73um/predict HTTP/1.1', 'POST /v1/apps/sum/predict/ HTTP/1.1',
    'POST //v1/apps/sum/predict HTTP/1.1', 'POST http://localhost/v1/apps/sum/predict HTTP/1.1', 'POST /v1/apps/sum/predict HTTP/1.0', 'POST /v1/apps/sum/predict HTTP/1.2', 'POST  /v1/apps/sum/predict HTTP/1.1', 'post /v1/apps/sum/predict HTTP/1.1',
    'PUT /v1/apps/sum/predict HTTP/1.1', 'GET /v1/apps/sum/predict HTTP/1.1', 'GET /healthz HTTP/1.1', 'POST /v1/apps/sum/predict', '\r\nPOST /v1/apps/sum/predict HTTP/1.1'),
  host: mostly('Host: localhost', 'host:127.0.0.1', 'HOST: LocalHost', 'Host: evil.example', 'Host: localhost:1', 'Accept: */*'),
  type: mostly('Content-Type: ', 'content-type:', 'Content-Type:  ', 'Content-Type: x'),
  length: mostly('Content-Length: #', 'content-length:#', 'Content-Length: 0#', 'Content-Length: +#', 'Content-Length: #, #', 'Content-Length: # ', 'Content-Length: 0', 'Content-Length: 1', 'Content-Length: 30', 'Content-Length: 5000', 'Content-Length: 99999999999', 'X-No-Length: a'),
  body: pick(...BODIES),
  more: fc.array(fc.oneof({ arbitrary: pick(...HEADERS), weight: 10 }, { arbitrary: pick(...ODD_HEADERS), weight: 1 }), { maxLength: 4 }),
  order: fc.nat(5),
}).map(bytesOf);

/** One that nobody could take for anything else, to an app that answers at once or when it is told to. */
const soundRequest = fc.record<RequestWords>({
  line: pick('POST /v1/apps/sum/predict HTTP/1.1', 'POST /v1/apps/held/predict HTTP/1.1', 'POST /v1/apps/held/predict HTTP/1.1', 'GET /healthz HTTP/1.1'),
  host: fc.constant('Host: localhost'), type: fc.constant('Content-Type: '), length: fc.constant('Content-Length: #'),
  body: pick(...BODIES), more: fc.array(pick(...HEADERS), { maxLength: 2 }), order: fc.nat(3),
}).map(bytesOf);

const pipeline = (requests: fc.Arbitrary<Buffer>): fc.Arbitrary<Buffer> => fc.array(requests, { minLength: 1, maxLength: 4 }).map((each) => Buffer.concat(each));
const cuts = fc.oneof(fc.constant([]), fc.array(fc.nat(), { maxLength: 6 }));

test(seeded('whatever is sent, and however it is cut, the lane answers as node:http does, byte for byte'), async () => {
  let served = 0;
  await fc.assert(fc.asyncProperty(pipeline(request), cuts, async (bytes, at) => {
    const expected = await answersTo(bytes, at, 'node:http');
    const answers = await answersTo(bytes, at, 'lane');
    if (!isCutShort(bytes.toString('latin1'), answers, expected)) assert.equal(answers, expected, JSON.stringify(bytes.toString('latin1')));
    if (expected.startsWith('HTTP/1.1 200')) served++;
  }), { seed: SEED, numRuns: 300 });
  assert.ok(served > 50, `only ${served} were served`);
});

test(seeded('the same where bytes are changed, lost or put in between'), async () => {
  const mutations = fc.array(fc.record({ at: fc.nat(), drop: fc.nat(3), insert: fc.oneof(fc.constant(''), pick('\r\n', '\n', '\r', ' ', '\t', ':', '\0', '\u0080', '0', 'a', '\r\n\r\n')) }), { minLength: 1, maxLength: 2 });
  await fc.assert(fc.asyncProperty(pipeline(request), mutations, cuts, async (bytes, changes, at) => {
    let text = bytes.toString('latin1');
    for (const change of changes) {
      const from = change.at % (text.length + 1);
      text = text.slice(0, from) + change.insert + text.slice(from + change.drop);
    }
    const changed = Buffer.from(text, 'latin1');
    const expected = await answersTo(changed, at, 'node:http');
    const answers = await answersTo(changed, at, 'lane');
    if (isCutShort(text, answers, expected)) return;
    assert.equal(answers, expected, JSON.stringify(text));
  }), { seed: SEED, numRuns: 300 });
});

test(seeded('the same where answers come late, and the last one first'), async () => {
  await fc.assert(fc.asyncProperty(pipeline(soundRequest), cuts, async (bytes, at) => {
    const expected = await answersTo(bytes, at, 'node:http');
    assert.equal(await answersTo(bytes, at, 'lane'), expected, JSON.stringify(bytes.toString('latin1')));
  }), { seed: SEED, numRuns: 150 });
});

/** Requests of which one is not the lane's: the one before it and the one behind it are read by different readers of one connection. */
const handedOver = fc.tuple(fc.array(soundRequest, { minLength: 1, maxLength: 3 }), request, fc.array(soundRequest, { maxLength: 3 })).map(([before, odd, behind]) => Buffer.concat([...before, odd, ...behind]));

/**
 * What may come: what node:http says, which ends a connection in silence where it finds no HTTP, or the client's end, behind a
 * request that still waits for its answer; or what it says where no answer is late. The lane hands over when those before are out.
 */
async function assertHandedOver(bytes: Buffer, at: readonly number[]): Promise<void> {
  const answers = await answersTo(bytes, at, 'lane');
  if (answers === await answersTo(bytes, at, 'node:http')) return;
  const prompt = Buffer.from(bytes.toString('latin1').replaceAll('/apps/held/', '/apps/sum/'), 'latin1');
  assert.equal(answers, await answersTo(prompt, [], 'node:http'), JSON.stringify(bytes.toString('latin1')));
}

test(seeded('the same where a connection goes over to node:http in the midst of a run, while answers are still to come'), async () => {
  await fc.assert(fc.asyncProperty(handedOver, cuts, assertHandedOver), { seed: SEED, numRuns: 150 });
});

test(seeded('the same byte by byte'), async () => {
  const short = handedOver.filter(({ length }) => length < 600);
  await fc.assert(fc.asyncProperty(short, (bytes) => assertHandedOver(bytes, Array.from(bytes, (_, at) => at))), { seed: SEED, numRuns: 10 });
});

test('two requests, cut at every byte', async () => {
  const one = 'POST /v1/apps/sum/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{"input":[1,2,3,4]}';
  const bytes = Buffer.from(one + one);
  const expected = await answersTo(bytes, [], 'node:http');
  assert.equal(expected.match(/"output":10/g)?.length, 2);
  for (let at = 0; at <= bytes.length; at++) assert.equal(await answersTo(bytes, [at], 'lane'), expected, `cut at ${at}`);
});
