import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';

const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value }, options: { per_batch_ms: 1 } }
apps:
  - { name: m, arms: [m], output: value, slo_ms: 30000, default: -1 }
`;

/** Kind and name of each subject, and the column that tells of answers. */
const SHOWN = [['app', 'm', 'answers'], ['model', 'm@1', 'rows'], ['broker', '', 'answers']] as const;

interface History {
  readonly fromMs: number;
  readonly stepMs: number;
  readonly columns: Readonly<Record<string, readonly (number | null)[]>>;
}

async function historyOf(broker: BrokerProcess, kind: string, name: string): Promise<History> {
  return (await (await fetch(`${broker.url}/admin/watch/history?kind=${kind}&name=${name}&span=5m`)).json()) as History;
}

/** Where a column has its first rate above 0; -1 where it has none. */
function firstOf({ columns }: History, column: string): number {
  return (columns[column] ?? []).findIndex((rate) => (rate ?? 0) > 0);
}

test('what the dashboard showed before a restart it shows after it, before anybody asked again', async (t) => {
  const first = await (await BrokerProcess.start(t, { yaml: YAML })).ready();
  // The first look at each is what all later ones are compared with.
  const before = await until('the answers are in the history', async () => {
    await first.predict('m', { input: [1] });
    const shown = await Promise.all(SHOWN.map(([kind, name]) => historyOf(first, kind, name)));
    return shown.every((history, i) => firstOf(history, SHOWN[i]?.[2] ?? '') >= 0) && shown[0];
  });
  assert.deepEqual(await first.stop(), { code: 0, signal: null });

  const second = await BrokerProcess.start(t, { yaml: YAML, folder: first.folder });
  for (const [kind, name, column] of SHOWN) {
    const history = await historyOf(second, kind, name);
    const at = firstOf(history, column);
    assert.ok(at >= 0, `${kind} ${name}`);
    assert.ok(history.fromMs + at * history.stepMs <= before.fromMs + before.stepMs * (before.columns['answers']?.length ?? 0), 'it is of before the restart');
  }
  assert.deepEqual(await second.stop(), { code: 0, signal: null });
});
