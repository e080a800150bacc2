import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { replayedRequests } from '../../bench/load/replay.ts';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { assertSettled } from '../support/settled.ts';
import { SteadyLoad } from '../support/steady-load.ts';

const SLO_MS = 30_000;
const GOOD = { container: 'synthetic', output: { kind: 'value' }, options: { per_batch_ms: 1 } };
const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value }, options: { per_batch_ms: 1 }, labels: [stable] }
apps:
  - { name: m, arms: [m], output: value, slo_ms: ${SLO_MS}, default: -1, recording: { fraction: 1, redact: [secret] } }
`;

interface Version {
  readonly version: number;
  readonly state: string;
  readonly reason?: string;
}

async function stateOf(broker: BrokerProcess, version: number): Promise<Version | undefined> {
  const { versions } = (await (await fetch(`${broker.url}/admin/versions`)).json()) as { versions: Version[] };
  return versions.find((one) => one.version === version);
}

async function post(broker: BrokerProcess, path: string): Promise<number> {
  return (await fetch(`${broker.url}/admin/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' } })).status;
}

test('a new version that dies, hangs at its start, fails its warm-up or answers another shape never takes a query from the old one', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  const load = new SteadyLoad({ url: broker.url, app: 'm', connections: 4, sloMs: SLO_MS, input: (n) => [n, 1], expected: (n) => n + 1 });
  const wrong = [
    [2, { ...GOOD, options: { exit_at_start: true } }, /exited with code/u],
    [3, { ...GOOD, options: { fail: 1 }, warm_up: { sizes: [1] } }, /warm-up failed: 1 row of zeros/u],
    [4, { ...GOOD, options: { crash: 1 }, warm_up: { sizes: [1] } }, /killed by SIGKILL/u],
    [5, { ...GOOD, output: { kind: 'value', name: 'other' } }, /other/u],
    [6, { ...GOOD, options: { hang: 1 }, warm_up: { sizes: [1], timeout_ms: 200 } }, /it took longer than 200 ms/u],
  ] as const;
  for (const [version, spec, reason] of wrong) {
    await broker.admin(`models/m/versions/${version}`, spec);
    const failed = await until(`version ${version} fails`, async () => {
      const found = await stateOf(broker, version);
      return found?.state === 'failing' && found;
    });
    assert.match(failed.reason ?? '', reason);
    const moved = await fetch(`${broker.url}/admin/models/m/labels/stable`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ version }) });
    assert.equal(moved.status, 409, 'no label points at it');
    await broker.admin(`models/m/versions/${version}`);
  }
  // The same in the place of a version that serves: what it was before serves on.
  await broker.admin('models/m/versions/1', { ...GOOD, options: { fail: 1 }, warm_up: { sizes: [1] } });
  await until('it failed twice', async () => (await broker.replicas()).some(({ deaths }) => deaths > 1));
  await broker.admin('models/m/versions/1', { ...GOOD, options: { per_batch_ms: 2 }, warm_up: { sizes: [1], repeat: 50 } });
  await until('it is warm', async () => {
    const all = await broker.replicas();
    return all.length === 1 && all[0]?.state === 'ready';
  });
  // One that starts slowly is waited for, and one that is right takes over; back is one call.
  await broker.admin('models/m/versions/7', { ...GOOD, options: { per_batch_ms: 1, start_ms: 2000 }, warm_up: { sizes: [1, 8] } });
  assert.equal((await stateOf(broker, 7))?.state, 'loading');
  await until('ready', async () => (await stateOf(broker, 7))?.state === 'ready');
  await broker.admin('models/m/labels/stable', { version: 7 });
  assert.equal((await broker.predict('m', { input: [1, 2] })).json.version, 7);
  assert.equal(await post(broker, 'models/m/labels/stable/rollback'), 200);
  assert.equal((await broker.predict('m', { input: [1, 2], context: { secret: 'x', tier: 1 } })).json.version, 1);
  assertSettled(await load.stop(), /^200 model$/u);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });

  // What was recorded can be played again, and holds nothing that was to be left out.
  const text = readFileSync(join(broker.folder, 'state', 'recordings', 'm.jsonl'), 'utf8');
  const requests = replayedRequests(text, 'h');
  assert.ok(requests.length > 10 && requests.every(({ path }) => path === '/v1/apps/m/predict'));
  assert.ok(text.includes('"context":{"tier":1}') && !text.includes('secret'));
});

test('a broker that is killed while versions load, fail, serve and leave comes back with what was wanted', async (t) => {
  const first = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  const states = { 2: 'loading', 3: 'failing', 4: 'ready' } as const;
  const options = { 2: { start_ms: 60_000 }, 3: { exit_at_start: true }, 4: { per_batch_ms: 1 }, 5: { per_batch_ms: 1 } };
  for (const [version, of] of Object.entries(options)) await first.admin(`models/m/versions/${version}`, { ...GOOD, options: of });
  await until('ready', async () => (await stateOf(first, 5))?.state === 'ready');
  for (const [version, state] of Object.entries(states)) await until(state, async () => (await stateOf(first, Number(version)))?.state === state);
  await first.admin('models/m/versions/5');
  await first.kill9();
  const second = await BrokerProcess.start(t, { yaml: YAML, folder: first.folder });
  for (const [version, state] of Object.entries(states)) await until(`again ${state}`, async () => (await stateOf(second, Number(version)))?.state === state);
  assert.equal(await stateOf(second, 5), undefined);
  await until('answered', async () => (await second.predict('m', { input: [1, 2] })).json.version === 1);
  assert.deepEqual(await second.stop(), { code: 0, signal: null });
});

test('a broker that is killed while versions wait, for their turn and for memory, comes back with them in their right places', async (t) => {
  const yaml = `loading: { parallel: 1 }\n${YAML}`;
  const first = await (await BrokerProcess.start(t, { yaml })).ready();
  const slow = { ...GOOD, options: { start_ms: 60_000 } };
  // No machine has a petabyte. Memory is asked for only of those whose turn it is.
  await first.admin('models/m/versions/2', { ...GOOD, profile: { memory_mb: 1e9 } });
  await until('no memory', async () => (await stateOf(first, 2))?.reason === 'no_memory');
  await first.admin('models/m/versions/3', slow);
  await until('loading', async () => (await stateOf(first, 3))?.state === 'loading');
  await first.admin('models/m/versions/4', GOOD);
  const waiting = await until('waits', async () => {
    const found = await stateOf(first, 4);
    return found?.state === 'waiting' && found;
  });
  assert.equal(waiting.reason, 'turn');
  await first.kill9();
  // At a start all load at once: the slow one holds nobody up, and what finds no memory waits on.
  const second = await BrokerProcess.start(t, { yaml, folder: first.folder });
  await until('ready', async () => (await stateOf(second, 4))?.state === 'ready');
  await until('no memory again', async () => (await stateOf(second, 2))?.reason === 'no_memory');
  assert.equal((await stateOf(second, 3))?.state, 'loading');
  // What the app takes is known from its first version, which may be ready later.
  await until('answered', async () => (await second.predict('m', { input: [1, 2], version: 4 })).json.version === 4);
  // Nothing of the one that waits was ever started.
  assert.deepEqual((await second.replicas('m@2')).filter(({ pid }) => pid !== undefined), []);
  await second.admin('models/m/versions/2');
  await until('gone', async () => (await stateOf(second, 2)) === undefined);
  assert.deepEqual(await second.stop(), { code: 0, signal: null });
});
