import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge } from '../../../../bench/fuzz/judge.ts';
import type { Message } from '../../../../bench/fuzz/message.ts';

const MESSAGE: Message = { method: 'POST', path: '/', headers: [], body: Buffer.alloc(0) };
const CONTROL: Message = { ...MESSAGE, control: true };

function verdict(status: number, body: unknown, message: Message | undefined = MESSAGE): string | undefined {
  return judge({ status, head: '', body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), closes: false }, message, { output: 2 });
}

test('an answer, and an error of the table with its own status, pass', () => {
  assert.equal(verdict(200, 'anything'), undefined);
  assert.equal(verdict(400, { error: { code: 'not_json' } }), undefined);
  assert.equal(verdict(503, { error: { code: 'overloaded' } }), undefined);
});

test('an error that the table does not have, or with another status, is a fault', () => {
  assert.match(verdict(500, { error: { code: 'surprise' } }) ?? '', /no code of the table/);
  assert.match(verdict(502, '<html>') ?? '', /no code of the table/);
  assert.match(verdict(400, { error: { code: 'constructor' } }) ?? '', /no code of the table/);
  assert.match(verdict(500, { error: { code: 'not_json' } }) ?? '', /has status 400/);
});

test('a fault of the broker is one, though the table has it', () => {
  assert.match(verdict(500, { error: { code: 'internal' } }) ?? '', /fault of the broker/);
});

test('readyz says 503 of its own, with a body and to HEAD; no other path does', () => {
  for (const method of ['GET', 'HEAD']) {
    assert.equal(verdict(503, method === 'GET' ? { ready: false } : '', { ...MESSAGE, method, path: '/readyz?x=1' }), undefined);
    assert.notEqual(verdict(503, '', { ...MESSAGE, method, path: '/healthz' }), undefined);
  }
});

test('the control query passes with its own answer from a model, and with nothing else', () => {
  assert.equal(verdict(200, { source: 'model', output: 2 }, CONTROL), undefined);
  for (const [status, body] of [[200, { source: 'model', output: 1 }], [200, { source: 'default', output: 2 }], [503, { error: { code: 'overloaded' } }]] as const) {
    assert.match(verdict(status, body, CONTROL) ?? '', /the control query/);
  }
});

test('HEAD has no body to name a code, but no 5xx either', () => {
  assert.equal(verdict(404, '', { ...MESSAGE, method: 'HEAD' }), undefined);
  assert.match(verdict(500, '', { ...MESSAGE, method: 'HEAD' }) ?? '', /HEAD: 500/);
});
