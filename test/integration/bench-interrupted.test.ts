import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { processTree } from '../../bench/peers/process-tree.ts';

const BROKERS = new URL('../../bench/demo/broker-process.ts', import.meta.url).href;
const CONFIG = { listen: { grpc: 'none' }, models: [{ name: 'm', version: 1, container: 'synthetic', output: { kind: 'value' } }] };
/** A bench that has a broker, and then does what no broker lets it do. */
const BENCH = `
  import { startBroker, waitUntilReady } from ${JSON.stringify(BROKERS)};
  const broker = await startBroker(process.argv[1]);
  await waitUntilReady(broker.url);
  console.log('ready');
  try {
    for (;;) await fetch(broker.url + '/healthz');
  } finally {
    await broker.stop();
  }
`;

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  test(`a bench that gets ${signal} ends its broker, its containers and their folders before it ends`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'interrupted-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const config = join(folder, 'tradewind.json');
    writeFileSync(config, JSON.stringify(CONFIG));
    const bench = spawn(process.execPath, ['--input-type=module', '-e', BENCH, config], { env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'inherit'] });
    await once(bench.stdout, 'data');
    const started = processTree(bench.pid ?? 0).filter((pid) => pid !== bench.pid);
    assert.ok(started.length >= 2, 'a broker and a container');
    bench.kill(signal);
    assert.deepEqual(await once(bench, 'exit'), [code, null]);
    assert.deepEqual([started.filter((pid) => existsSync(`/proc/${pid}`)), readdirSync(folder)], [[], ['tradewind.json']]);
  });
}
