import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MODEL_KINDS } from '../../bench/kinds/model-kinds.ts';
import { processTree } from '../../bench/operations/held.ts';
import { BrokerProcess, isRunning, until } from '../support/broker-process.ts';
import { folderWith } from '../support/config-files.ts';
import { onlyDeep, timesDeep } from '../support/deep.ts';

/** So many times another number of replicas; each kind begins and ends with one. */
const STEPS = timesDeep(100, 6);
const SIZES = [2, 1, 3, 0, 1];
/** Connections of this test's own HTTP client, and a margin of what Node opens by itself. A replica has five descriptors. */
const POOL = 4;

/** What is written by the clock and not by a step: the rings of the history once a minute, SQLite's own beside its file. */
const BY_THE_CLOCK = /^history(\/|$)|sqlite-(wal|shm)$/u;

function held({ pid, folder }: BrokerProcess): { processes: number; descriptors: number; files: readonly string[] } {
  const files = readdirSync(join(folder, 'state'), { recursive: true }).map(String)
    .map((name) => name.replace(/m@1_\d+\.\d+/u, 'replica')).filter((name) => !BY_THE_CLOCK.test(name));
  const processes = processTree(pid).length;
  return { processes, descriptors: readdirSync(`/proc/${pid}/fd`).length, files: [...new Set(files)].toSorted((a, b) => a.localeCompare(b)) };
}

for (const kind of MODEL_KINDS) {
  const missing = kind.missing() ?? false;
  const skip = kind.name === 'synthetic' ? missing : onlyDeep(missing);
  test(`${STEPS} scale steps of ${kind.name} leave no process, socket or file`, { skip }, async (t) => {
    const folder = folderWith(t, {});
    // JSON is YAML.
    const yaml = JSON.stringify({ models: [{ name: 'm', version: 1, ...kind.make(folder) }], apps: [{ name: 'm', arms: ['m'], slo_ms: 60_000, output: 'raw' }] });
    const broker = await BrokerProcess.start(t, { folder, yaml });
    const scale = async (replicas: number): Promise<void> => {
      await broker.admin('models/m/versions/1/replicas', { replicas });
      await until(`${replicas} replicas`, async () => {
        const all = await broker.replicas();
        return all.length === replicas && all.every(({ state }) => state === 'ready');
      });
    };
    await scale(1);
    assert.equal((await broker.predict('m', { input: kind.row })).status, 200);
    const before = held(broker);
    for (let step = 0; step < STEPS; step++) await scale(SIZES[step % SIZES.length] ?? 1);
    await scale(1);
    assert.equal((await broker.predict('m', { input: kind.row })).status, 200);
    await until('given back', () => {
      const { processes, descriptors } = held(broker);
      return processes === before.processes && descriptors <= before.descriptors + POOL;
    });
    assert.deepEqual(held(broker).files, before.files);
    assert.equal(await broker.metric('tradewind_replica_deaths_total'), 0);
    assert.deepEqual(await broker.stop(), { code: 0, signal: null });
    assert.deepEqual(broker.pids.filter(isRunning), []);
  });
}
