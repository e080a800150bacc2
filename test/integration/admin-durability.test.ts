import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folderWith } from '../support/config-files.ts';
import { tradewind } from '../support/tradewind-command.ts';

const YAML = 'listen: { http: 127.0.0.1:0 }\nlog: { level: silent }\nmodels:\n  - { name: m, version: 1, container: synthetic, replicas: 0 }\n';
const JSON_TYPE = { 'content-type': 'application/json' };

async function started(cwd: string) {
  const broker = tradewind(['serve', '--config', 't.yaml'], { cwd });
  const [, url = ''] = /listens on (\S+)/u.exec(await broker.said(/listens on \S+\n/u)) ?? [];
  return { ...broker, url };
}

test('what admin put is there after the broker was killed; the file wins for its own names', async (t) => {
  const cwd = folderWith(t, { 't.yaml': YAML });
  const first = await started(cwd);
  t.after(() => first.child.kill('SIGKILL'));
  const put = (path: string, body: object): Promise<Response> => fetch(first.url + path, { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(body) });
  assert.equal((await put('/admin/models/n/versions/1', { container: 'synthetic', replicas: 0 })).status, 200);
  assert.equal((await put('/admin/models/m/versions/1', { container: 'synthetic', replicas: 0, slo_ms: 77 })).status, 200);
  assert.equal((await put('/admin/apps/a', { arms: ['n', 'zzz'], policy: 'static' })).status, 422);
  first.child.kill('SIGKILL');
  await first.ended;

  const second = await started(cwd);
  t.after(() => second.child.kill('SIGKILL'));
  const { models } = (await (await fetch(`${second.url}/admin/models`)).json()) as { models: { name: string; versions: { spec: { slo_ms?: number } }[] }[] };
  assert.deepEqual(models.map(({ name, versions }) => [name, versions[0]?.spec.slo_ms]), [['m', undefined], ['n', undefined]]);
  second.child.kill('SIGTERM');
  assert.equal((await second.ended).code, 0);
});
