import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { framed } from '../../../../frontend/grpc/message-frame.ts';
import type { UnaryCall } from '../../../../frontend/grpc/unary-call.ts';
import { openGrpc, type OpenGrpc } from '../../../support/grpc-client.ts';
import { RawGrpc } from '../../../support/raw-grpc.ts';
import { turnsUntil } from '../../../support/turns-until.ts';

const PATH = '/a.B/Ask';

/** Opens a door whose one method is `handle`, and looks that nothing is left in the end. */
async function opened(handle: (call: UnaryCall) => void, use: (client: RawGrpc, grpc: OpenGrpc) => Promise<void>): Promise<void> {
  const grpc = await openGrpc({ services: [{ name: 'a.B', proto: 'health.proto', methods: { Ask: { kind: 'unary', handle } } }] });
  const client = new RawGrpc(grpc.port);
  await use(client, grpc);
  await turnsUntil(() => grpc.door.open === 0 && grpc.door.heldBytes === 0);
  client.close();
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
}

test('a call ends once: what comes later is dropped', () => opened((call) => {
  call.answer(Buffer.from([3]), [['a', 'b']]);
  call.fail({ code: status.INTERNAL, message: 'late' });
  call.answer(Buffer.from([4]));
  call.answerFramed(framed(Buffer.from([5])));
}, async (client) => {
  const { code, text, body, said } = await client.ask(PATH, [framed(Buffer.from([1]))]);
  assert.deepEqual([code, text, [...body], said['a']], [status.OK, 'OK', [0, 0, 0, 0, 1, 3], 'b']);
}));

test('a failure says its status, its text in any letters, and what stands behind it', () => opened((call) => {
  call.fail({ code: status.NOT_FOUND, message: `50 % of "${call.message.toString()}" \ud800\n` }, [['x', 'y']]);
}, async (client) => {
  const { http, code, text, said, body } = await client.ask(PATH, [framed(Buffer.from('modèle'))]);
  assert.deepEqual([http, code, text, said['x'], body.length], [200, status.NOT_FOUND, '50 % of "modèle" \ufffd\n', 'y', 0]);
}));

test('a frame of the service leaves as it is', () => opened((call) => call.answerFramed(framed(call.message)), async (client) => {
  assert.deepEqual([...(await client.ask(PATH, [framed(Buffer.from([9, 9]))])).body], [0, 0, 0, 0, 2, 9, 9]);
}));

test('a caller that leaves is told while the call is open, once, and hears nothing', () => {
  let gone = 0;
  const calls: UnaryCall[] = [];
  return opened((call) => {
    calls.push(call);
    call.onGone(() => gone++);
  }, async (client, grpc) => {
    const asked = client.begin(PATH);
    asked.stream.end(framed(Buffer.from([1])));
    await turnsUntil(() => grpc.door.open >= 1);
    asked.leave();
    assert.equal((await asked.outcome).code, undefined);
    await turnsUntil(() => grpc.door.open === 0);
    calls[0]?.answer(Buffer.alloc(1));
    assert.equal(gone, 1);
    const answered = client.ask(PATH, [framed(Buffer.from([1]))]);
    await turnsUntil(() => grpc.door.open >= 1);
    calls[1]?.answer(Buffer.alloc(1));
    assert.equal((await answered).code, status.OK);
    assert.equal(gone, 1, 'whoever was answered has not gone');
  });
});

test('a deadline that passes ends the call in its words, and tells the service', () => {
  let gone = 0;
  const patience: number[] = [];
  return opened((call) => {
    patience.push(call.patienceMicros);
    if (call.message.length === 0) return call.answer(Buffer.alloc(0));
    call.onGone(() => gone++);
  }, async (client, grpc) => {
    const { code, text } = await client.ask(PATH, [framed(Buffer.from([1]))], { 'grpc-timeout': '20m' });
    assert.deepEqual([code, text, gone, patience[0]], [status.DEADLINE_EXCEEDED, 'Deadline exceeded', 1, 20_000]);
    assert.equal((await client.ask(PATH, [framed(Buffer.alloc(0))], { 'grpc-timeout': '10S' })).code, status.OK);
    assert.ok(grpc.clock.pending <= 1, 'an answer takes the deadline back; only who looks for stalled readers may wait');
    const wrong = await client.ask(PATH, [framed(Buffer.alloc(0))], { 'grpc-timeout': 'soon' });
    assert.deepEqual([wrong.code, wrong.text], [status.INTERNAL, 'Invalid grpc-timeout value "soon"']);
    const slow = client.begin(PATH, { 'grpc-timeout': '20m' });
    slow.stream.write(Buffer.from([0, 0]));
    const refused = await new Promise<unknown>((resolve) => slow.stream.on('response', (headers) => resolve(headers['grpc-status'])));
    assert.equal(Number(refused), status.DEADLINE_EXCEEDED, 'also one whose message never came');
    slow.leave();
  });
});

test('whoever does not keep to the protocol is told so, and the service is not asked', () => {
  let asked = 0;
  return opened((call) => {
    asked++;
    call.answer(call.message);
  }, async (client, grpc) => {
    const told = async (pieces: readonly Uint8Array[], headers: Readonly<Record<string, string>> = {}): Promise<unknown> => {
      const { code, text } = await client.ask(PATH, pieces, headers);
      return [code, text];
    };
    const packed = (bytes: Uint8Array): Buffer => Buffer.concat([Buffer.from([1]), framed(bytes).subarray(1)]);
    assert.deepEqual(await told([]), [status.UNIMPLEMENTED, `Received no request message for server streaming method ${PATH}`]);
    assert.deepEqual(await told([framed(Buffer.alloc(9)).subarray(0, 12)]), [status.UNIMPLEMENTED, `Received no request message for server streaming method ${PATH}`]);
    assert.deepEqual(await told([framed(Buffer.alloc(1)), framed(Buffer.alloc(1))]), [status.UNIMPLEMENTED, `Received a second request message for server streaming method ${PATH}`]);
    assert.deepEqual(await told([Buffer.from([0, 0, 0, 0x10, 1])]), [status.RESOURCE_EXHAUSTED, 'Received message larger than max (4097 vs 4096)']);
    assert.deepEqual(await told([packed(Buffer.alloc(3))], { 'grpc-encoding': 'br' }), [status.UNIMPLEMENTED, 'Received message compressed with unsupported encoding "br"']);
    assert.deepEqual(await told([packed(Buffer.alloc(3))], { 'grpc-encoding': 'gzip' }), [status.INTERNAL, 'Failed to decompress message']);
    assert.deepEqual(await told([packed(gzipSync(Buffer.alloc(4097)))], { 'grpc-encoding': 'gzip' }), [status.RESOURCE_EXHAUSTED, 'Received message that decompresses to a size larger than 4096']);
    assert.equal((await client.ask(PATH, [framed(Buffer.alloc(1))], { 'content-type': 'text/plain' })).http, 415);
    assert.equal(asked, 0);
    assert.deepEqual((await client.ask(PATH, [packed(gzipSync(Buffer.from('well')))], { 'grpc-encoding': 'gzip' })).body.subarray(5).toString(), 'well');
    assert.deepEqual((await client.ask(PATH, [packed(Buffer.from('bare'))])).body.subarray(5).toString(), 'bare', 'no coding is none');
    assert.deepEqual([grpc.door.heldBytes, grpc.faults], [0, []]);
  });
});
