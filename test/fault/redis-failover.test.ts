import assert from 'node:assert/strict';
import { once } from 'node:events';
import { renameSync, symlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { folderWith } from '../support/config-files.ts';
import { decide, expectedTotals, FeedbackLoad, give, repeatAll, totals } from '../support/feedback-load.ts';
import { openRedis, storedApp } from '../support/feedback-stores.ts';
import { RedisServer } from '../support/redis-server.ts';
import { SEED, seeded } from '../support/random.ts';
import { requirePart } from '../support/requirements.ts';

const REWARDS = 400;
const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value } }
  - { name: n, version: 1, container: synthetic, output: { kind: value } }
apps:
  - { name: a, arms: [m, n], policy: thompson, slo_ms: 30000 }
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A Redis that others can follow. */
async function serverAt(t: TestContext, port: number, primary?: number): Promise<RedisServer> {
  const following = primary === undefined ? [] : ['--replicaof', `127.0.0.1 ${primary}`];
  return RedisServer.start({ after: (run) => t.after(run) }, ['--port', String(port), '--bind', '127.0.0.1', '--repl-diskless-sync-delay', '0', ...following]);
}

async function follows(primary: RedisServer): Promise<void> {
  await until('a replica follows', async () => Number(await primary.command('WAIT', '1', '10')) === 1);
}

/** A name that stands for one server, and then for another: what DNS or a proxy is elsewhere. */
function nameFor(folder: string): { readonly url: string; pointAt(server: RedisServer): void } {
  const name = join(folder, 'redis.sock');
  return {
    url: `unix:${name}`,
    pointAt: ({ url }) => {
      symlinkSync(url.slice('unix:'.length), `${name}.new`);
      renameSync(`${name}.new`, name);
    },
  };
}

test(seeded('the primary dies under feedback and its replica takes over: with min_replicas nothing acknowledged is lost, nothing counts twice'), { skip: requirePart('redis-server') }, async (t) => {
  const ports = [await freePort(), await freePort(), await freePort()] as const;
  const primary = await serverAt(t, ports[0]);
  const replica = await serverAt(t, ports[1], ports[0]);
  await follows(primary);
  const name = nameFor(folderWith(t));
  name.pointAt(primary);
  const broker = await (await BrokerProcess.start(t, { yaml: YAML, env: { TRADEWIND_STORAGE_FEEDBACK: name.url, TRADEWIND_STORAGE_MIN_REPLICAS: '1', TRADEWIND_STORAGE_REPLICA_TIMEOUT_MS: '1000' } })).ready();
  const rewards = await decide(broker, 'a', REWARDS);
  const load = new FeedbackLoad(broker.url, rewards, { seed: SEED });
  await load.acknowledges(REWARDS / 4);
  await primary.kill9();
  assert.equal((await broker.predict('a', { input: [1, 2] })).json.output, 3, 'predictions go on');
  assert.equal(await replica.command('REPLICAOF', 'NO', 'ONE'), 'OK');
  // The promise is of two copies: the new primary needs a replica of its own.
  await serverAt(t, ports[2], ports[1]);
  await follows(replica);
  name.pointAt(replica);
  await load.done;
  await until('taken again', async () => (await give(broker.url, { decision_id: rewards[0]?.decisionId, reward: rewards[0]?.reward })).status < 300);
  await repeatAll(broker.url, rewards, load.acknowledged);
  assert.ok(load.acknowledged.size >= REWARDS / 4);
  const expected = expectedTotals(rewards);
  const store = await openRedis(replica.url, t, []);
  await store.serve([storedApp()]);
  assert.deepEqual(totals(store.cells.snapshot('a').cells), expected);
  await store.close();
  // The broker saw another server answer, and reads anew what that one has.
  await until('read anew', async () => {
    const { arms } = (await (await fetch(`${broker.url}/admin/apps/a/selection`)).json()) as { arms: { reward?: { weight: number } }[] };
    return arms.reduce((sum, { reward }) => sum + (reward?.weight ?? 0), 0) === REWARDS;
  });
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('while no replica has it, feedback is not acknowledged; what then comes again counts once', { skip: requirePart('redis-server') }, async (t) => {
  const ports = [await freePort(), await freePort()] as const;
  const primary = await serverAt(t, ports[0]);
  const replica = await serverAt(t, ports[1], ports[0]);
  await follows(primary);
  const env = { TRADEWIND_STORAGE_FEEDBACK: primary.url, TRADEWIND_STORAGE_MIN_REPLICAS: '1', TRADEWIND_STORAGE_REPLICA_TIMEOUT_MS: '50' };
  const broker = await (await BrokerProcess.start(t, { yaml: YAML, env })).ready();
  const [one] = await decide(broker, 'a', 1);
  const item = { decision_id: one?.decisionId, reward: 1 };
  replica.freeze(true);
  for (let i = 0; i < 2; i++) {
    const { status, text } = await give(broker.url, item);
    assert.deepEqual([status, text.includes('feedback_unavailable')], [503, true], text);
  }
  assert.equal((await broker.predict('a', { input: [1, 2] })).json.output, 3, 'predictions go on');
  replica.freeze(false);
  assert.match(await until('acknowledged', async () => {
    const { status, text } = await give(broker.url, item);
    return status < 300 ? text : undefined;
  }), /repeated/u);
  const store = await openRedis(primary.url, t, []);
  await store.serve([storedApp()]);
  assert.equal(totals(store.cells.snapshot('a').cells).n, 1n);
  await store.close();
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});
