import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ResponseReader } from '../../../../bench/load/response-reader.ts';
import { SEED, seeded } from '../../../support/random.ts';

interface Got { readonly status: number; readonly body: string }

function response({ status, body }: Got, name = 'Content-Length'): string {
  return `HTTP/1.1 ${status} Words\r\nX-Content-Length: 7\r\n${name}:  ${Buffer.byteLength(body)}\r\nDate: now\r\n\r\n${body}`;
}

function read(chunks: readonly Buffer[]): Got[] {
  const got: Got[] = [];
  const reader = new ResponseReader((status, body) => got.push({ status, body: body.toString() }));
  const shared = Buffer.alloc(64 * 1024);
  for (const chunk of chunks) {
    chunk.copy(shared);
    reader.push(shared, chunk.length);
    shared.fill(0);
  }
  return got;
}

test(seeded('answers are the same however the bytes are cut, in a buffer that is used anew'), () => {
  const answers = fc.array(fc.record({ status: fc.integer({ min: 200, max: 599 }), body: fc.string({ unit: 'grapheme', maxLength: 60 }) }, { noNullPrototype: true }), { minLength: 1, maxLength: 5 });
  fc.assert(fc.property(answers, fc.array(fc.nat(1000), { maxLength: 8 }), (wanted, cuts) => {
    const bytes = Buffer.from(wanted.map((one) => response(one)).join(''));
    const edges = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
    const chunks = edges.slice(1).map((end, i) => bytes.subarray(edges[i], end));
    assert.deepEqual(read(chunks), wanted);
  }), { seed: SEED, numRuns: 300 });
});

test('the name of the length compares without case', () => {
  assert.deepEqual(read([Buffer.from(response({ status: 200, body: 'abc' }, 'cOnTeNt-LeNgTh'))]), [{ status: 200, body: 'abc' }]);
});

test('an answer without a length is refused with its head, one too long by its length', () => {
  assert.throws(() => read([Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n')]), /without Content-Length: .*chunked/s);
  assert.throws(() => read([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n')]), /99999999999 bytes/);
});

test('a head that does not end is refused', () => {
  const line = Buffer.from(`HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(4000)}`);
  assert.throws(() => read([line, line, line]), /head is longer/);
});
