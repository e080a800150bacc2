import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Courier } from '../../../../frontend/client/courier.ts';

function courier(answers: readonly Response[]): { courier: Courier; calls: { url: string; init: RequestInit }[] } {
  const calls: { url: string; init: RequestInit }[] = [];
  const left = [...answers];
  const fake: typeof fetch = async (url, init = {}) => {
    calls.push({ url: url as string, init });
    return left.shift() ?? Response.json({});
  };
  return { calls, courier: new Courier({ url: 'http://broker/', token: 'app', adminToken: 'ops', fetch: fake, now: () => 0, random: () => 0, sleep: async () => {} }) };
}

test('a call of the operator goes with the operator\'s token and its own method; without a body there is no content type', async () => {
  const { courier: one, calls } = courier([Response.json({ ok: 1 })]);
  assert.deepEqual(await one.send('/admin/x', () => ({ search: '?a=1' }), { method: 'GET', admin: true }), { ok: 1 });
  assert.equal(calls[0]?.url, 'http://broker/admin/x?a=1');
  assert.deepEqual([calls[0].init.method, calls[0].init.headers, 'body' in calls[0].init], ['GET', { authorization: 'Bearer ops' }, false]);
});

test('what the broker calls retryable is sent again, as it was', async () => {
  const busy = Response.json({ error: { code: 'overloaded', message: '', retryable: true } }, { status: 503 });
  const { courier: one, calls } = courier([busy, Response.json({ ok: 2 })]);
  assert.deepEqual(await one.send('/v1/feedback', () => ({ search: '', contentType: 'application/json', body: '{}' }), {}), { ok: 2 });
  assert.deepEqual(calls.map(({ init }) => [init.method, init.body, init.headers]), Array.from({ length: 2 }, () => ['POST', '{}', { 'content-type': 'application/json', authorization: 'Bearer app' }]));
});
