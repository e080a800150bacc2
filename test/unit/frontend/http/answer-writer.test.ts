import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutputTensor } from '../../../../frontend/domain/answer.ts';
import type { Given } from '../../../../frontend/http/answer-json.ts';
import { writeAnswer, writeFailure } from '../../../../frontend/http/answer-writer.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../support/http-doubles.ts';

const BOUND = { last: false, maxJsonBytes: 100 };

function labelled(label: string | number): Given {
  return { slot: 0, latencyMicros: 1000, ok: true, source: 'model', rows: [{ source: 'model', output: { kind: 'label', label } }] };
}
function target(wantsBinary: boolean) {
  const socket = new SocketDouble();
  const double = new ResponseDouble(socket);
  return { double, to: { exchange: exchangeOf(new RequestDouble(socket), double), wantsBinary } };
}

test('the length is that of the bytes, also past ASCII', () => {
  for (const [label, bytes] of [['seven', 5], ['größe', 7], ['七', 3]] as const) {
    const { double, to } = target(false);
    writeAnswer(to, labelled(label), false, BOUND);
    assert.equal(Number(double.headers.get('content-length')), '{"output":"","source":"model","latency_ms":1}'.length + bytes);
    assert.equal(Buffer.from(double.body, 'latin1').toString('utf8').includes(label), true);
  }
});

test('binary where it is wanted and can be, JSON else', () => {
  for (const [label, type] of [[3, 'application/octet-stream'], ['three', 'application/json; charset=utf-8']] as const) {
    const { double, to } = target(true);
    writeAnswer(to, labelled(label), false, BOUND);
    assert.equal(double.headers.get('content-type'), type);
  }
});

test('tensors beyond the bound are not written as JSON, and in binary as ever', () => {
  const slab = { bytes: new Uint8Array(200), references: 1 } as unknown as OutputTensor['slab'];
  const tensor = (name: string): OutputTensor => ({ name, dtype: 'uint8', shape: [60], slab, offset: 0, lengthBytes: 60 });
  const answer = (tensors: readonly OutputTensor[], rows: number): Given => ({ slot: 0, latencyMicros: 1000, ok: true, source: 'model', decisionId: 'd', rows: Array.from({ length: rows }, () => ({ source: 'model' as const, output: { kind: 'tensors' as const, tensors } })) });
  for (const [given, wantsBinary, status] of [[answer([tensor('y')], 1), false, 200], [answer([tensor('y')], 2), false, 0], [answer([tensor('y')], 2), true, 200], [answer([tensor('y'), tensor('z')], 1), true, 0]] as const) {
    const { double, to } = target(wantsBinary);
    const refusal = writeAnswer(to, given, true, BOUND);
    assert.deepEqual([double.status, refusal?.code, refusal?.decisionId], status === 200 ? [200, undefined, undefined] : [0, 'answer_too_large', 'd']);
  }
});

test('the last answer of a connection says so, a failure too', () => {
  const { double, to } = target(false);
  writeAnswer(to, labelled(1), false, { ...BOUND, last: true });
  assert.equal(double.headers.get('connection'), 'close');
  const failed = target(false);
  writeFailure(failed.to, { code: 'draining', message: 'Later.', decisionId: 'd' }, true);
  assert.deepEqual([failed.double.status, failed.double.headers.get('connection'), failed.double.headers.get('retry-after')], [503, 'close', '1']);
});
