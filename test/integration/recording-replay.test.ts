import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readRecording } from '../../frontend/domain/recording.ts';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { Commands } from '../support/commands.ts';

const PROGRAM = fileURLToPath(new URL('../../bench/load/program.ts', import.meta.url));
const YAML = `
models: [{ name: m, version: 1, container: synthetic, output: { kind: value }, input: { dtype: float32, shape: [2] } }]
apps: [{ name: a, arms: [m], slo_ms: 20000, default: -1, recording: { fraction: 1 } }]
`;

test('what was recorded of an app is load for it, and what was asked in one context can be taken out', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  for (const user of ['ann', 'bob', 'ann']) {
    const reply = await fetch(`${broker.url}/v1/apps/a/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ input: [1, 2], context: { user } }) });
    assert.equal(((await reply.json()) as { source: string }).source, 'model');
  }
  const file = join(broker.folder, 'state/recordings/a.jsonl');
  const users = (): unknown[] => readRecording(readFileSync(file, 'utf8')).requests.map(({ body }) => (JSON.parse(body) as { context: { user: unknown } }).context.user);
  // An answer does not wait for its line to be written.
  await until('all are written', () => existsSync(file) && users().length === 3);

  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, '--url', broker.url, '--replay', file, '--connections', '2', '--seconds', '1', '--warmup', '0.2']);
  const report = JSON.parse(stdout) as { answered: number; wrong: number; sources: Record<string, number> };
  assert.ok(report.answered > 3 && report.wrong === 0, stdout);
  assert.deepEqual(Object.keys(report.sources), ['model']);

  const before = users().filter((user) => user === 'ann').length;
  const commands = new Commands(broker);
  const { removed } = await commands.json<{ removed: number }>('recording', 'forget', 'a', 'user', 'ann');
  assert.ok(before > 2 && removed >= before, `${removed} of ${before}`);
  assert.deepEqual([...new Set(users())], ['bob']);
  assert.match(await commands.said('recording', 'forget', 'a', 'user', 'ann'), /^0 recorded requests are gone\.$/mu);
  await commands.refused(2, /say a key of the context and its value/u, 'recording', 'forget', 'a', 'user', '');
});
