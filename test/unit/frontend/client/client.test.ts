import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient, TradewindError, type ClientOptions } from '../../../../frontend/client/client.ts';

interface Call { readonly url: string; readonly init: RequestInit }
type Script = readonly (Response | Error)[];

/** A client whose broker answers with these in turn, each after 4 ms, and whose waits take the time that they ask for. */
function scripted(script: Script, options: Partial<ClientOptions> = {}): { client: ReturnType<typeof createClient>; calls: Call[]; waits: number[] } {
  const calls: Call[] = [];
  const waits: number[] = [];
  let nowMs = 0;
  const client = createClient({
    url: 'http://broker:8000/', random: () => 0.5, now: () => nowMs,
    sleep: async (ms) => { waits.push(ms); nowMs += ms; },
    fetch: async (url, init = {}) => {
      calls.push({ url: url as string, init });
      nowMs += 4;
      const next = script[calls.length - 1] ?? new Error('the script is over');
      if (next instanceof Error) throw next;
      return next;
    },
    ...options,
  });
  return { client, calls, waits };
}

function refusal(code: string, status: number, more: object = {}, headers: Record<string, string> = {}): Response {
  return Response.json({ error: { code, message: `it is ${code}`, ...more } }, { status, headers });
}

const full = (more: object = {}): Response => refusal('queue_full', 503, { retryable: true, ...more });
const answer = (): Response => Response.json({ decision_id: 'd', output: 7, source: 'model', latency_ms: 1 });
const bodies = (calls: readonly Call[]): unknown[] => calls.map(({ init }) => JSON.parse(init.body as string));

test('a query goes to its app with the token, and the answer comes back as it is', async () => {
  const { client, calls } = scripted([answer()], { token: 't', sloMs: 50 });
  const { output, decision_id: id } = await client.predict<number>('digits', { input: [1] });
  assert.deepEqual([output, id], [7, 'd']);
  assert.equal(calls[0]?.url, 'http://broker:8000/v1/apps/digits/predict');
  assert.deepEqual(calls[0].init.headers, { 'content-type': 'application/json', authorization: 'Bearer t' });
  assert.deepEqual(bodies(calls), [{ input: [1], slo_ms: 50 }]);
});

test('what may succeed later is tried again, with what is left of the objective', async () => {
  const { client, calls, waits } = scripted([full(), new TypeError('reset'), answer()]);
  assert.equal((await client.predict('a', { input: 1, slo_ms: 100 })).output, 7);
  assert.deepEqual(waits, [2.5, 5]);
  assert.deepEqual(bodies(calls), [{ input: 1, slo_ms: 100 }, { input: 1, slo_ms: 93.5 }, { input: 1, slo_ms: 84.5 }]);
});

test('what will not is not', async () => {
  const { client, calls } = scripted([refusal('wrong_shape', 400, { retryable: false, path: 'input' })]);
  await assert.rejects(client.predict('a', { input: 1 }), (error) => error instanceof TradewindError && error.code === 'wrong_shape' && error.path === 'input' && error.status === 400 && !error.retryable);
  assert.equal(calls.length, 1);
});

test('no retry begins that could not end in time; what the broker asked for counts', async () => {
  const late = scripted([full({ retry_after_ms: 1000 }), answer()]);
  await assert.rejects(late.client.predict('a', { input: 1, slo_ms: 100 }), (error) => error instanceof TradewindError && error.retryAfterMs === 1000);
  assert.deepEqual([late.calls.length, late.waits], [1, []]);
  const patient = scripted([full({ retry_after_ms: 1000 }), answer()]);
  await patient.client.predict('a', { input: 1 });
  assert.deepEqual(patient.waits, [1002.5]);
  const header = scripted([refusal('draining', 503, { retryable: true }, { 'retry-after': '2' }), answer()]);
  await header.client.predict('a', { input: 1 });
  assert.deepEqual(header.waits, [2002.5]);
  // 6 ms: a call takes 4, and less than a millisecond would be left.
  const short = scripted([full(), answer()]);
  await assert.rejects(short.client.predict('a', { input: 1, slo_ms: 6 }), { code: 'queue_full' });
  assert.equal(short.calls.length, 1);
});

test('a wait that took longer than it should ends in the failure, not in a retry past the deadline', async () => {
  let nowMs = 0;
  const { client, calls } = scripted([full(), answer()], { now: () => nowMs, sleep: async () => { nowMs = 99.5; } });
  await assert.rejects(client.predict('a', { input: 1, slo_ms: 100 }), { code: 'queue_full' });
  assert.equal(calls.length, 1);
});

test('retries end', async () => {
  const { client, calls } = scripted(Array.from({ length: 9 }, () => full()), { retries: 2 });
  await assert.rejects(client.predict('a', { input: 1 }), { code: 'queue_full' });
  assert.equal(calls.length, 3);
});

test('an abort ends a call, under way or waiting, with its reason', async () => {
  const reason = new Error('enough');
  const before = scripted([answer()]);
  await assert.rejects(before.client.predict('a', { input: 1 }, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(before.calls.length, 0);
  const control = new AbortController();
  const under = scripted([], { fetch: (_, init) => new Promise((_resolve, reject) => { init?.signal?.addEventListener('abort', () => reject(new Error('by fetch'))); control.abort(reason); }) });
  await assert.rejects(under.client.predict('a', { input: 1 }, { signal: control.signal }), reason);
  const later = new AbortController();
  const waiting = scripted([full(), answer()], { sleep: () => new Promise(() => later.abort(reason)) });
  await assert.rejects(waiting.client.feedback({ decision_id: 'd', reward: 1 }, { signal: later.signal }), reason);
  assert.equal(waiting.calls.length, 1);
});

test('a broker that is not there, does not answer, or is none', async () => {
  await assert.rejects(scripted([], { retries: 0 }).client.predict('a', { input: 1 }), (error) => error instanceof TradewindError && error.code === 'unreachable' && error.retryable && error.cause instanceof Error);
  const silent = createClient({ url: 'http://b', timeoutMs: 5, fetch: (_, init) => new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('cut')))) });
  const keepsAlive = setInterval(() => {}, 1000);
  await assert.rejects(silent.predict('a', { input: 1 }), (error) => error instanceof TradewindError && error.code === 'timeout' && !error.retryable);
  clearInterval(keepsAlive);
  await assert.rejects(scripted([new Response('<html>', { status: 200 })]).client.predict('a', { input: 1 }), { code: 'not_tradewind' });
});

test('feedback: one verdict for one piece, a list for a list', async () => {
  const { client, calls } = scripted([
    Response.json({ verdict: 'accepted' }, { status: 202 }),
    full(), Response.json({ results: [{ verdict: 'accepted' }, { verdict: 'refused', error: { code: 'feedback_late', message: 'm', retryable: false } }] }, { status: 207 }),
  ]);
  assert.equal((await client.feedback({ decision_id: 'd', label: 7 })).verdict, 'accepted');
  const many = await client.feedback([{ decision_id: 'd', reward: 1, id: 'x' }, { decision_id: 'e', value: 3 }]);
  assert.deepEqual(many.map(({ verdict, error }) => [verdict, error?.code]), [['accepted', undefined], ['refused', 'feedback_late']]);
  assert.deepEqual(bodies(calls).slice(1), Array.from({ length: 2 }, () => [{ decision_id: 'd', reward: 1, id: 'x' }, { decision_id: 'e', value: 3 }]));
});
