import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { give } from '../support/feedback-load.ts';

const YAML = `
models:
  - { name: x, version: 1, container: synthetic, output: { kind: value } }
  - { name: y, version: 1, container: synthetic, output: { kind: value } }
  - { name: z, version: 1, container: synthetic, output: { kind: value } }
apps:
  - { name: outer, arms: ["app:inner", z], policy: { name: weighted, weights: { "app:inner": 1 } }, slo_ms: 30000 }
  - { name: inner, arms: [x, y], policy: thompson, slo_ms: 5 }
`;

interface Explained { readonly app: string; readonly record: { readonly asked: readonly { readonly arm: string; readonly decision_id?: string }[]; readonly parent?: string } | null }

test('an app over an app: the model is named, both decisions can be explained from the outer one, and feedback on it teaches the inner one', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  const read = async <T>(path: string): Promise<T> => (await (await fetch(`${broker.url}${path}`)).json()) as T;
  let last: string | undefined;
  for (let i = 0; i < 30; i++) {
    const { json } = await broker.predict('outer', { input: [1, 2] });
    assert.ok(json.source === 'model' && (json.model === 'x' || json.model === 'y'), JSON.stringify(json));
    last = json.decision_id;
    const { status, text } = await give(broker.url, { decision_id: last, reward: json.model === 'x' ? 1 : 0 });
    assert.equal(status, 202, text);
  }
  const weights = async (): Promise<number> => {
    const { arms } = await read<{ arms: { reward?: { weight: number } }[] }>('/admin/apps/inner/selection');
    return arms.reduce((sum, { reward }) => sum + (reward?.weight ?? 0), 0);
  };
  assert.equal(await until('all 30 counted', async () => (await weights()) === 30 && 30), 30);
  assert.equal((await give(broker.url, { decision_id: last, reward: 1 })).status, 200, 'counted before, by both');
  assert.equal(await weights(), 30);
  const outer = await read<Explained>(`/admin/decisions/${last ?? ''}`);
  const [asked] = outer.record?.asked ?? [];
  assert.deepEqual([outer.app, asked?.arm], ['outer', 'app:inner']);
  const inner = await read<Explained>(`/admin/decisions/${asked?.decision_id ?? ''}`);
  assert.equal(inner.app, 'inner');
  assert.match(inner.record?.parent ?? '', /^[0-9a-f]{24}$/u);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('an app whose arms lead back to it is refused, with its line', async (t) => {
  const yaml = YAML.replace('arms: [x, y]', 'arms: [x, "app:outer"]');
  await assert.rejects(BrokerProcess.start(t, { yaml }), /comes back to itself: outer → inner → outer/u);
});
