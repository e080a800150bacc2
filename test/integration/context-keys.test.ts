import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSqliteFeedback } from '../../frontend/storage/sqlite/feedback.ts';
import type { ClaimCommit } from '../../frontend/domain/feedback.ts';
import { random } from '../../bench/load/random.ts';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { folderWith } from '../support/config-files.ts';
import { give } from '../support/feedback-load.ts';
import { decisionKey, storedApp } from '../support/feedback-stores.ts';
import { SEED, seeded } from '../support/random.ts';
import { RedisServer } from '../support/redis-server.ts';
import { requirePart } from '../support/requirements.ts';

/** A million at full size: TRADEWIND_KEYS=1000000. */
const KEYS = Number(process.env['TRADEWIND_KEYS'] ?? 3_000);
const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value } }
  - { name: n, version: 1, container: synthetic, output: { kind: value } }
apps:
  - { name: a, arms: [m, n], context_key: user, slo_ms: 30000 }
`;

interface Selection { readonly key_strength?: number; readonly arms: readonly { readonly arm: string; readonly share: number }[] }

async function shareOf(broker: BrokerProcess, user: string, arm: string): Promise<number> {
  const reply = await fetch(`${broker.url}/admin/apps/a/selection/key?value=${user}`);
  assert.equal(reply.status, 200);
  return ((await reply.json()) as Selection).arms.find((one) => one.arm === arm)?.share ?? NaN;
}

/** Asks as the user and rewards what the user likes, so often. */
async function teach(broker: BrokerProcess, { user, likes, times }: { user: string; likes: string; times: number }): Promise<void> {
  for (let i = 0; i < times; i++) {
    const { json } = await broker.predict('a', { input: [1, 2], context: { user } });
    assert.equal((await give(broker.url, { decision_id: json.decision_id, reward: json.model === likes ? 1 : 0 })).status, 202);
  }
}

for (const { name, skip, start } of [
  { name: 'sqlite', skip: false as const, start: async () => ({}) },
  { name: 'redis', skip: requirePart('redis-server'), start: async (after: (run: () => Promise<void>) => void) => ({ TRADEWIND_STORAGE_FEEDBACK: (await RedisServer.start({ after })).url }) },
]) {
  test(`${name}: each user gets what that user likes, newcomers what most do, and is forgotten on demand`, { skip }, async (t) => {
    const env = await start((run) => t.after(run));
    let broker = await (await BrokerProcess.start(t, { yaml: YAML, env })).ready();
    await Promise.all([
      teach(broker, { user: 'ann', likes: 'm', times: 30 }), teach(broker, { user: 'bob', likes: 'n', times: 30 }), teach(broker, { user: 'cat', likes: 'm', times: 30 }),
      teach(broker, { user: 'dan', likes: 'm', times: 30 }),
    ]);
    const settled = async (): Promise<boolean> => await shareOf(broker, 'ann', 'm') > 0.9 && await shareOf(broker, 'bob', 'n') > 0.7;
    await until('each has a favourite', settled);
    // Rewards are counted after they are acknowledged: those that make both favourites plain may come before the rest.
    await until('newcomers get what three of four like', async () => await shareOf(broker, 'new', 'm') > 0.5);
    if (name === 'sqlite') {
      assert.deepEqual(await broker.stop(), { code: 0, signal: null });
      broker = await (await BrokerProcess.start(t, { folder: broker.folder, env })).ready();
      await until('still', settled);
    }
    await broker.admin('apps/a/selection/key?value=bob');
    await until('forgotten', async () => await shareOf(broker, 'bob', 'n') < 0.5);
    assert.ok(await shareOf(broker, 'ann', 'm') > 0.9);
    assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  });
}

test(seeded(`${KEYS} context keys: every reward is there once, in bounded memory, whoever is held`), async (t) => {
  const folder = folderWith(t);
  const heldKeyBytes = 4 * 1024 * 1024;
  const store = await openSqliteFeedback(folder, { heldKeyBytes });
  await store.serve([storedApp({ maxKeys: KEYS, maxClaims: 1e9 })]);
  const draw = random(SEED);
  const contextOf = (key: number): Buffer => {
    const context = Buffer.alloc(8, 0x77);
    context.writeUInt32LE(Math.imul(key, 2_654_435_761) >>> 0, 0);
    return context;
  };
  const now = Date.now();
  const claim = (n: number, key: number): ClaimCommit => ({
    key: decisionKey(n, now), row: 0, expected: 0, generation: 0, state: new Uint8Array(), increments: [{ cell: 'm/n', add: 1n }],
    keyed: { context: contextOf(key), increments: [{ cell: 'm/n', add: 1n }, { cell: 'm/s', add: BigInt(key) }] },
  });
  // Each key once, some many times, and everything that a caller may send twice is sent twice now and then.
  const extra = Math.floor(KEYS / 10);
  for (let at = 0; at < KEYS + extra; at += 1000) {
    const commits = Array.from({ length: Math.min(1000, KEYS + extra - at) }, (_, i) => claim(at + i, at + i < KEYS ? at + i : (at + i) % 100));
    const again = commits.filter(() => draw() < 0.05);
    for (let i = 0; i < 20; i++) store.keys.ofKey('a', contextOf(Math.floor(draw() * KEYS)));
    const outcomes = await store.commit('a', [...commits, ...again]);
    assert.equal(outcomes.filter(({ kind }) => kind === 'applied').length, commits.length);
  }
  const looked = [...Array.from({ length: 100 }, (_, key) => key), ...Array.from({ length: 400 }, () => 100 + Math.floor(draw() * (KEYS - 100)))];
  const found = await store.readKeys('a', looked.map(contextOf));
  looked.forEach((key, i) => {
    const times = key < 100 ? BigInt(1 + extra / 100) : 1n;
    assert.deepEqual([found[i]?.get('m/n'), found[i]?.get('m/s')], [times, times * BigInt(key)], `key ${key}`);
  });
  for (const key of looked) await until('held', () => store.keys.ofKey('a', contextOf(key)) !== undefined);
  assert.ok(store.keys.bytes <= heldKeyBytes);
  assert.equal(store.cells.snapshot('a').cells.get('m/n'), BigInt(KEYS + extra));
  while (await store.trim('a', now)) continue;
  await store.close();
  const next = await openSqliteFeedback(folder);
  await next.serve([storedApp({ maxKeys: KEYS })]);
  assert.deepEqual((await next.readKeys('a', looked.map(contextOf))).map((cells) => cells.get('m/s')), found.map((cells) => cells.get('m/s')));
  await next.close();
});
