import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';

const WEB = 'web-token-0123456789';
const NIGHTLY = 'nightly-token-0123456789';
const ROTATED = 'rotated-token-0123456789';
const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value } }
apps:
  - { name: open, arms: [m], slo_ms: 30000 }
  - { name: closed, arms: [m], slo_ms: 30000, access: { tokens: [{ name: web, env: WEB_TOKEN }, { name: nightly, file: nightly.token }] } }
  - { name: slow, arms: [m], slo_ms: 30000, access: { tokens: [{ name: web, file: slow.token }], rate_per_s: 0.01, burst: 3 } }
`;

let broker: BrokerProcess;
const endings: (() => Promise<void>)[] = [];
before(async () => {
  const files = { 'nightly.token': `${NIGHTLY}\n`, 'slow.token': 'slow-token-0123456789' };
  broker = await (await BrokerProcess.start({ after: (run) => endings.push(run) }, { yaml: YAML, files, env: { WEB_TOKEN: WEB } })).ready();
});
after(async () => {
  for (const end of endings.toReversed()) await end();
});

interface Reply { readonly status: number; readonly headers: Headers; readonly json: { readonly decision_id?: string; readonly error?: { readonly code: string; readonly retryable: boolean }; readonly results?: readonly { readonly verdict: string; readonly error?: { readonly code: string } }[] } }

async function post(path: string, body: unknown, token?: string): Promise<Reply> {
  const reply = await fetch(`${broker.url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) }, body: JSON.stringify(body) });
  return { status: reply.status, headers: reply.headers, json: (await reply.json()) as Reply['json'] };
}
const predict = (app: string, token?: string): Promise<Reply> => post(`/v1/apps/${app}/predict`, { input: [1, 2] }, token);

test('an app with tokens answers those who show one, and says to the others what they need', async () => {
  assert.equal((await predict('open')).status, 200);
  assert.deepEqual([(await predict('closed', WEB)).status, (await predict('closed', NIGHTLY)).status], [200, 200]);
  const none = await predict('closed');
  assert.deepEqual([none.status, none.json.error?.code, none.headers.get('www-authenticate')], [401, 'unauthenticated', 'Bearer realm="tradewind"']);
  assert.equal((await predict('closed', `${WEB}x`)).json.error?.code, 'unauthenticated');
  const anothers = await predict('closed', 'slow-token-0123456789');
  assert.deepEqual([anothers.status, anothers.json.error?.code], [403, 'forbidden']);
});

test('feedback asks for the token of the app that the decision is of, each piece by itself', async () => {
  const [open, closed] = [(await predict('open')).json.decision_id, (await predict('closed', WEB)).json.decision_id];
  const item = (decision_id: string | undefined): object => ({ decision_id, reward: 1 });
  const refused = await post('/v1/feedback', item(closed));
  assert.deepEqual([refused.status, refused.json.error?.code, refused.headers.has('www-authenticate')], [401, 'unauthenticated', true]);
  const mixed = await post('/v1/feedback', [item(open), item(closed)]);
  assert.deepEqual([mixed.status, mixed.json.results?.map(({ verdict, error }) => error?.code ?? verdict)], [207, ['accepted', 'unauthenticated']]);
  assert.equal((await post('/v1/feedback', item(closed), NIGHTLY)).status, 202, 'nothing was counted before');
  assert.equal((await post('/v1/feedback', item(closed), NIGHTLY)).status, 200);
});

test('a token asks and tells as often as its rate lets it, and is told when to come again', async () => {
  const first = await predict('slow', 'slow-token-0123456789');
  assert.equal(first.status, 200);
  assert.equal((await post('/v1/feedback', { decision_id: first.json.decision_id, reward: 1 }, 'slow-token-0123456789')).status, 202);
  assert.equal((await predict('slow', 'slow-token-0123456789')).status, 200);
  for (const over of [await predict('slow', 'slow-token-0123456789'), await post('/v1/feedback', { decision_id: first.json.decision_id, reward: 1 }, 'slow-token-0123456789')]) {
    assert.deepEqual([over.status, over.json.error?.code, over.json.error?.retryable], [429, 'rate_limited', true]);
    const seconds = Number(over.headers.get('retry-after'));
    assert.ok(seconds > 60 && seconds <= 100, `${seconds} s`);
  }
  assert.equal(await broker.metric('tradewind_access_total', { app: 'slow', token: 'web', outcome: 'rate_limited' }), 2);
});

test('a token is replaced by what the file says at the next apply; no token is ever shown', async () => {
  writeFileSync(join(broker.folder, 'nightly.token'), ROTATED);
  process.kill(broker.pid, 'SIGHUP');
  await until('rotated', async () => (await predict('closed', ROTATED)).status === 200);
  assert.equal((await predict('closed', NIGHTLY)).status, 401);
  assert.equal((await predict('closed', WEB)).status, 200);
  const shown = `${await (await fetch(`${broker.url}/admin/state`)).text()}${JSON.stringify(broker.log)}${await (await fetch(`${broker.url}/metrics`)).text()}`;
  for (const token of [WEB, NIGHTLY, ROTATED, 'slow-token-0123456789']) assert.ok(!shown.includes(token), `${token} is shown`);
  assert.match(shown, /"sha256":"[0-9a-f]{64}"/u);
});
