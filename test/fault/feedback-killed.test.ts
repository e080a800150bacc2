import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { FeedbackStore } from '../../frontend/domain/feedback.ts';
import { openSqliteFeedback } from '../../frontend/storage/sqlite/feedback.ts';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { decide, expectedTotals, FeedbackLoad, give, repeatAll, totals, type Rewarded } from '../support/feedback-load.ts';
import { openRedis, storedApp } from '../support/feedback-stores.ts';
import { RedisServer } from '../support/redis-server.ts';
import { SEED, seeded } from '../support/random.ts';
import { requirePart } from '../support/requirements.ts';

/** A hundred at full size: TRADEWIND_KILLS=100. */
const KILLS = Number(process.env['TRADEWIND_KILLS'] ?? 1);
const PER_KILL = 250;
const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value } }
  - { name: n, version: 1, container: synthetic, output: { kind: value } }
apps:
  - { name: a, arms: [m, n], policy: thompson, slo_ms: 30000 }
`;

async function totalsIn(store: FeedbackStore): Promise<{ n: bigint; s: bigint }> {
  await store.serve([storedApp()]);
  const found = totals(store.cells.snapshot('a').cells);
  await store.close();
  return found;
}

test(seeded(`kill -9 of the broker ${KILLS} times under feedback: nothing acknowledged is lost, nothing counts twice`), async (t: TestContext) => {
  let broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  const rewards: Rewarded[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const fresh = await decide(broker, 'a', PER_KILL);
    rewards.push(...fresh);
    const load = new FeedbackLoad(broker.url, fresh, { seed: SEED + kill });
    await load.acknowledges(1 + ((SEED + kill * 37) % (PER_KILL - 50)));
    await broker.kill9();
    await load.done;
    broker = await BrokerProcess.start(t, { folder: broker.folder });
    await repeatAll(broker.url, fresh, load.acknowledged);
    await broker.ready();
  }
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  assert.deepEqual(await totalsIn(await openSqliteFeedback(join(broker.folder, 'state'))), expectedTotals(rewards));
});

test(seeded(`kill -9 of Redis ${KILLS} times under feedback from two brokers: nothing acknowledged is lost, nothing counts twice, predictions go on`), { skip: requirePart('redis-server') }, async (t: TestContext) => {
  const redis = await RedisServer.start({ after: (run) => t.after(run) });
  const key = `1 ${'ab'.repeat(32)}\n`;
  const env = { TRADEWIND_STORAGE_FEEDBACK: redis.url, TRADEWIND_STORAGE_RECEIPT_KEY_FILE: 'keys' };
  const brokers = [await BrokerProcess.start(t, { yaml: YAML, files: { keys: key }, env }), await BrokerProcess.start(t, { yaml: YAML, files: { keys: key }, env })];
  for (const broker of brokers) await broker.ready();
  const [first, second] = brokers;
  assert.ok(first !== undefined && second !== undefined);
  const rewards: Rewarded[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const fresh = await decide(kill % 2 === 0 ? first : second, 'a', PER_KILL);
    rewards.push(...fresh);
    // Both brokers are told of the same decisions, whoever took them.
    const loads = [first, second].map(({ url }, i) => new FeedbackLoad(url, fresh, { connections: 8, seed: SEED + kill * 2 + i }));
    await loads[0]?.acknowledges(1 + ((SEED + kill * 41) % (PER_KILL - 100)));
    await redis.kill9();
    assert.equal((await first.predict('a', { input: [1, 2] })).json.output, 3, 'predictions go on');
    await Promise.all(loads.map(({ done }) => done));
    await redis.start();
    const acknowledged = new Set(loads.flatMap((load) => [...load.acknowledged]));
    for (const broker of [first, second]) await until('back', async () => (await give(broker.url, { decision_id: fresh[0]?.decisionId, reward: fresh[0]?.reward })).status < 300);
    await repeatAll(second.url, fresh, acknowledged);
  }
  assert.ok(await first.metric('tradewind_store_faults_total') > 0);
  for (const broker of brokers) assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  assert.deepEqual(await totalsIn(await openRedis(redis.url, t, [{ number: 1, secret: Buffer.alloc(32, 0xab) }])), expectedTotals(rewards));
});
