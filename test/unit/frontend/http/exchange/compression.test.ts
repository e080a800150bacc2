import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { answerCoding, bodyCoding, compressed, inflated, inflatedUpTo } from '../../../../../frontend/http/exchange/compression.ts';

test('what bodies may be coded in', () => {
  assert.deepEqual([undefined, 'identity', 'GZIP', 'x-gzip', ' deflate ', 'br', 'gzip, gzip'].map(bodyCoding), ['identity', 'identity', 'gzip', 'gzip', 'deflate', undefined, undefined]);
});

test('what an answer is coded in is what the client likes', () => {
  const accepts: readonly (readonly [string | undefined, string | undefined])[] = [
    [undefined, undefined], ['gzip, deflate, br', 'gzip'], ['deflate', 'deflate'], ['gzip;q=0, deflate;q=0.5', 'deflate'], ['*', 'gzip'], ['gzip;q=0, *;q=0', undefined], ['br', undefined], ['', undefined],
  ];
  for (const [accept, coding] of accepts) assert.equal(answerCoding(accept), coding, accept);
});

function request(bytes: Buffer): IncomingMessage {
  return Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]) as IncomingMessage;
}

test('a body comes out as it was, in small pieces', async () => {
  const body = Buffer.alloc(100_000, 'abc');
  for (const [coding, bytes] of [['gzip', gzipSync(body)], ['deflate', deflateSync(body)]] as const) {
    const pieces: Buffer[] = [];
    for await (const piece of inflated(request(bytes), coding)) pieces.push(piece as Buffer);
    assert.ok(Buffer.concat(pieces).equals(body));
    assert.ok(pieces.every((piece) => piece.length <= 16_384));
  }
});

test('behind the piece that is too much nothing is inflated, and the rest of the request is thrown away', async () => {
  const coming = new PassThrough();
  const body = inflatedUpTo(coming as unknown as IncomingMessage, 'gzip', 20_000);
  let bytes = 0;
  const given = (piece: Buffer): void => { bytes += piece.length; };
  body.on('data', given);
  const over = Promise.all([once(coming, 'end'), once(body, 'close')]);
  coming.end(gzipSync(Buffer.alloc(10_000_000)));
  await over;
  assert.deepEqual([body.destroyed, bytes], [true, 2 * 16_384]);
});

test('bytes of another coding are said to be so', async () => {
  await assert.rejects(async () => {
    for await (const piece of inflated(request(Buffer.from('this is no gzip')), 'gzip')) assert.fail(String(piece));
  }, /incorrect header check/);
});

test('large answers are compressed, small ones are left', async () => {
  const text = 'x'.repeat(5000);
  assert.equal(gunzipSync(await compressed(text, 'gzip') ?? Buffer.alloc(0)).toString(), text);
  assert.equal(inflateSync(await compressed(text, 'deflate') ?? Buffer.alloc(0)).toString(), text);
  assert.equal(await compressed('small', 'gzip'), undefined);
});
