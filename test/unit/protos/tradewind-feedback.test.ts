import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import { readGiveRequest, writeGiveResponse } from '../../../protos/tradewind-feedback.ts';
import { WireError } from '../../../protos/wire.ts';

interface Method {
  readonly requestSerialize: (value: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}
const { Give } = loadSync(fileURLToPath(new URL('../../../protos/tradewind.proto', import.meta.url)), { keepCase: true })['tradewind.v1.Feedback'] as unknown as { Give: Method };

/** Bytes that every client must write and read alike. */
const REQUEST = '0a100a02643111000000000000e03f3201610a090a0264322203c3a937';
const RESPONSE = '0a0a0a0861636365707465640a1c0a07726566757365641205766f69645f1a0a6e6f206d6f7265202e2e';

test('the golden request is what another\'s codec writes, and is read as it was meant', () => {
  const written = Give.requestSerialize({ items: [{ decision_id: 'd1', reward: 0.5, id: 'a' }, { decision_id: 'd2', label: 'é7' }] });
  assert.equal(written.toString('hex'), REQUEST);
  assert.deepEqual(readGiveRequest(written, 10), [{ decisionId: 'd1', reward: 0.5, id: 'a' }, { decisionId: 'd2', label: 'é7' }]);
  assert.deepEqual(readGiveRequest(Give.requestSerialize({ items: [{ decision_id: 'd', value: -2 }, { decision_id: 'd', label_number: -7 }] }), 10), [{ decisionId: 'd', value: -2 }, { decisionId: 'd', label: -7 }]);
});

test('the golden response is what we write, and is read by another\'s codec', () => {
  const written = writeGiveResponse([{ verdict: 'accepted' }, { verdict: 'refused', code: 'void_', message: 'no more ..' }]);
  assert.equal(written.toString('hex'), RESPONSE);
  assert.deepEqual(JSON.parse(JSON.stringify(Give.responseDeserialize(written))), { verdicts: [{ verdict: 'accepted' }, { verdict: 'refused', code: 'void_', message: 'no more ..' }] });
});

test('too many items, and bytes that are none, are refused', () => {
  assert.throws(() => readGiveRequest(Give.requestSerialize({ items: [{}, {}, {}] }), 2), WireError);
  assert.throws(() => readGiveRequest(Buffer.from('0a040a05', 'hex'), 2), WireError);
});
