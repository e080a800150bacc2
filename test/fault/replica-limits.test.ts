import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BrokerProcess, until } from '../support/broker-process.ts';

const HOARDER = fileURLToPath(new URL('../support/containers/hoarder.ts', import.meta.url));
const YAML = `
models:
  - { name: hoarder, version: 1, container: { command: [node, ${HOARDER}] }, output: { kind: value }, limits: { memory_mb: 300, cpu_share: 0.5, threads: 3, nice: 7 } }
  - { name: modest, version: 1, container: synthetic, output: { kind: value } }
apps:
  - { name: hoarder, arms: [hoarder], slo_ms: 20000 }
  - { name: modest, arms: [modest], slo_ms: 20000 }
`;

test('a replica over its memory limit is ended with that name for it, and its neighbour notices nothing', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  assert.equal((await broker.predict('hoarder', { input: [1] })).json.output, 1);
  const [before] = await broker.replicas('hoarder@1');
  assert.ok(before?.pid !== undefined);
  assert.equal(getPriority(before.pid), 7);
  assert.match(readFileSync(`/proc/${before.pid}/environ`, 'utf8'), /\0OMP_NUM_THREADS=3\0/);
  const held = new Map(before.limits?.map(({ limit, by, why }) => [limit, why === undefined ? by : `${by}, for a reason`]));
  assert.deepEqual([held.get('threads'), held.get('nice')], ['environment', existsSync('/proc/self/autogroup') ? 'autogroup' : 'priority']);
  // By the kernel where it can, else by looking, and then the reason is said.
  assert.ok(['cgroup', 'watching, for a reason'].includes(held.get('memory_mb') ?? ''), held.get('memory_mb'));
  assert.ok(['cgroup', 'nobody, for a reason'].includes(held.get('cpu_share') ?? ''), held.get('cpu_share'));
  if (held.get('cpu_share') !== 'cgroup') await until('told', () => broker.log.some(({ level, msg }) => level === 40 && msg.startsWith('limits that the kernel does not hold')));

  await broker.predict('hoarder', { input: [400] });
  await until('its death', async () => await broker.metric('tradewind_replica_deaths_total', { model: 'hoarder', cause: 'memory' }) === 1);
  const [after] = await broker.replicas('hoarder@1');
  assert.equal(after?.lastDeath?.cause, 'memory');
  assert.match(after.lastDeath.reason, /over its memory limit of 300 MB/);
  await broker.ready();
  assert.equal((await broker.predict('hoarder', { input: [2] })).json.output, 2, 'another life, with nothing kept');
  assert.equal((await broker.predict('modest', { input: [3] })).json.output, 3);
  assert.equal(await broker.metric('tradewind_replica_deaths_total', { model: 'modest' }), 0);
  await until('looked at', async () => await broker.metric('tradewind_replica_memory_bytes', { model: 'modest' }) > 10_000_000);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});
