import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { assertSettled } from '../support/settled.ts';
import { SteadyLoad } from '../support/steady-load.ts';

const SLO_MS = 30_000;
const YAML = `
sources: [{ folder: ./models, poll_ms: 50 }]
apps:
  - { name: m, arms: [m], output: value, slo_ms: ${SLO_MS}, default: -1 }
`;
const MODEL = 'container: synthetic\noutput: { kind: value }\n';
const VERSION = 'options: { per_batch_ms: 1 }\n';

/** A version put where it belongs in one step, as operators are told to. */
function put(broker: BrokerProcess, version: number, words = VERSION): void {
  const models = join(broker.folder, 'models', 'm');
  const copy = join(models, `.${version}`);
  mkdirSync(copy);
  writeFileSync(join(copy, 'model.yaml'), words);
  renameSync(copy, join(models, String(version)));
}

async function answersWith(broker: BrokerProcess, version: number): Promise<void> {
  await until(`answered by version ${version}`, async () => {
    const { json } = await broker.predict('m', { input: [1, 2] });
    return json.source === 'model' && json.version === version;
  });
}

function warnings(broker: BrokerProcess): string[] {
  return broker.log.filter(({ level }) => level > 30).map(({ msg }) => msg);
}

test('versions that are put into a folder come under load, those taken out go, and no query fails', async (t) => {
  const broker = await BrokerProcess.start(t, { yaml: YAML, files: { 'models/m/model.yaml': MODEL, 'models/m/1/model.yaml': VERSION } });
  await answersWith(broker, 1);
  const load = new SteadyLoad({ url: broker.url, app: 'm', connections: 4, sloMs: SLO_MS, input: (n) => [n, 1], expected: (n) => n + 1 });
  put(broker, 2);
  await answersWith(broker, 2);
  await until('gone', async () => (await broker.replicas('m@1')).length === 0);
  // In one step, too: of a folder that is half gone it might be said that it was written to.
  renameSync(join(broker.folder, 'models', 'm', '2'), join(broker.folder, 'gone'));
  await answersWith(broker, 1);
  assertSettled(await load.stop(), /^200 model$/u);
  assert.deepEqual(warnings(broker), []);

  // A root that is empty all of a sudden is a fault, and no wish.
  renameSync(join(broker.folder, 'models', 'm'), join(broker.folder, 'aside'));
  await until('said', () => warnings(broker).some((msg) => msg.includes('is empty; what it held stays')));
  assert.equal((await broker.predict('m', { input: [1, 2] })).json.version, 1);
  assert.deepEqual(await broker.stop(), { code: 0, signal: null });
});

test('links, bad names and folders without a model are refused with a word; what was right goes on', async (t) => {
  const broker = await BrokerProcess.start(t, { yaml: YAML, files: { 'models/m/model.yaml': MODEL, 'models/m/1/model.yaml': VERSION, 'models/Bad Name/1/x': '', 'models/m/01/x': '', 'models/n/3/readme.txt': 'hello' } });
  await answersWith(broker, 1);
  symlinkSync('/etc', join(broker.folder, 'models', 'm', '7'));
  put(broker, 8, 'container: synthetic\nversion: 9\n');
  put(broker, 9, 'container: nonsense\n');
  await until('said', () => ['Bad Name', '/01: ', '/m/7: is a symbolic link', '/m/8: ', '/m/9: ', '/n/3: holds none of'].every((part) => warnings(broker).some((msg) => msg.includes(part))));
  assert.equal((await broker.predict('m', { input: [1, 2] })).json.version, 1);
  const first = warnings(broker).length;
  await answersWith(broker, 1);
  assert.equal(warnings(broker).length, first, 'each is said once');
});

test('a broker that is killed while versions change comes back with what lies in the folder', async (t) => {
  const files = { 'models/m/model.yaml': `${MODEL}version_policy: { latest: 2 }\n`, 'models/m/1/model.yaml': VERSION };
  const first = await BrokerProcess.start(t, { yaml: YAML, files });
  await answersWith(first, 1);
  put(first, 2, 'options: { start_ms: 60000 }\n');
  await until('loading', async () => (await first.replicas('m@2')).length === 1);
  await first.kill9();
  rmSync(join(first.folder, 'models', 'm', '2'), { recursive: true });
  const second = await BrokerProcess.start(t, { yaml: YAML, folder: first.folder });
  await answersWith(second, 1);
  put(second, 3);
  await answersWith(second, 3);
  assert.equal((await second.replicas('m@1')).length, 1);
  assert.equal((await second.replicas('m@2')).length, 0);
});
