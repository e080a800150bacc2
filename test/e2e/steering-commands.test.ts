import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { Commands } from '../support/commands.ts';

const YAML = `
models:
  - { name: m, version: 1, container: synthetic, input: { dtype: float32, shape: [1] }, output: { kind: value }, labels: [stable] }
  - { name: m, version: 2, container: synthetic, input: { dtype: float32, shape: [1] }, output: { kind: value } }
apps:
  - { name: sums, arms: [m@1, m@2], slo_ms: 30000, default: -1 }
`;

const broker = await (await BrokerProcess.start({ after }, { yaml: YAML })).ready();
const commands = new Commands(broker);

test('versions and their rules: shown, changed in part, taken away', async () => {
  assert.match(await commands.said('versions'), /^version +state +for +why\nm@1 +ready +\d+ m?s\nm@2 +ready +\d+ m?s\n$/u);
  assert.equal((await commands.json<{ versions: { state: string }[] }>('versions')).versions.length, 2);
  await commands.said('label', 'm', 'canary', '2');
  await commands.said('rules', 'm', '--transition', 'resource');
  assert.match(await commands.said('rules', 'm', '--split', 'stable=95', 'canary=5'), /^Changed:/u);
  assert.deepEqual(await commands.json('rules', 'm'), { transition: 'resource', split: { stable: 95, canary: 5 } });
  assert.equal(await commands.said('rules', 'm', '--specific', '1', '2', '--dry-run').then((text) => text.startsWith('Would change:')), true);
  assert.equal(await commands.said('rules', 'm'), 'transition: resource\nsplit: {"stable":95,"canary":5}\n');
  await commands.refused(1, /invalid_config/u, 'rules', 'm', '--split', 'nobody=1');
  await commands.refused(2, /say one of --latest, --all and --specific/u, 'rules', 'm', '--latest', '1', '--all');
  await commands.refused(2, /stable is not LABEL=WEIGHT/u, 'rules', 'm', '--split', 'stable');
  await commands.refused(2, /--remove leaves no rules/u, 'rules', 'm', '--all', '--remove');
  await commands.refused(1, /unknown_model/u, 'rules', 'none');
  await commands.said('rules', 'm', '--remove');
  await commands.said('label', 'm', 'canary', '--remove');
});

test('a hand on the selection of an app, and off it', async () => {
  assert.match(await commands.said('steer', 'sums', '--pin', 'm@2'), /^Changed:/u);
  assert.match(await commands.said('apps', 'sums'), /steered: \{"pin":"m@2"\}/u);
  await commands.said('steer', 'sums', '--floor', 'm@1=0.2', '--freeze');
  assert.match(await commands.said('apps', 'sums'), /steered: \{"frozen":true,"floors":\{"m@1":0\.2\}\}/u);
  await commands.refused(2, /say how, with --pin/u, 'steer', 'sums');
  await commands.refused(2, /or --release/u, 'steer', 'sums', '--freeze', '--release');
  await commands.refused(1, /unknown_app/u, 'steer', 'none', '--freeze');
  await commands.said('steer', 'sums', '--release');
  assert.doesNotMatch(await commands.said('apps', 'sums'), /steered/u);
});

test('policies are listed, and what an app has learned is forgotten', async () => {
  const policies = await commands.json<{ name: string; apps: string[] }[]>('policies');
  assert.deepEqual(policies.find(({ name }) => name === 'adaptive')?.apps, ['sums']);
  assert.match(await commands.said('policies'), /^policy +apps +how it chooses\n[^]*\nadaptive +sums +\S/mu);
  await commands.said('app', 'put', 'mine', '{"arms": ["m@1", "m@2"], "policy": "thompson", "context_key": "user", "slo_ms": 30000}');
  const { json } = await broker.predict('mine', { input: [1], context: { user: 'ann' } });
  await commands.said('feedback', String(json.decision_id), '--reward', '1');
  const weights = async (): Promise<number> => (await commands.json<{ arms: { reward?: { weight: number } }[] }>('apps', 'mine')).arms.reduce((sum, { reward }) => sum + (reward?.weight ?? 0), 0);
  assert.ok(await weights() > 0);
  assert.equal(await commands.said('forget', 'mine', 'ann'), 'What mine has learned of that value is forgotten.\n');
  assert.equal(await commands.said('forget', 'mine'), 'What mine has learned is forgotten.\n');
  assert.equal(await weights(), 0);
  await commands.refused(1, /unknown_app/u, 'forget', 'none');
  await commands.refused(1, /learns by a context key/u, 'forget', 'sums', 'ann');
  await commands.said('remove', 'mine', '--app');
});

test('apps and versions come and go', async () => {
  assert.match(await commands.said('app', 'put', 'more', '{"arms": ["m@2"], "slo_ms": 30000}', '--dry-run'), /Would change:\n\+ app more/u);
  await commands.said('app', 'put', 'more', '{"arms": ["m@2"], "slo_ms": 30000}');
  assert.equal((await broker.predict('more', { input: [3] })).json.output, 3);
  assert.match(await commands.said('remove', 'more', '--app'), /- app more/u);
  await commands.refused(1, /in_use/u, 'remove', 'm@2');
  await commands.said('deploy', 'm@3', '--container', 'synthetic', '--input', '{"dtype": "float32", "shape": [1]}', '--output', 'value');
  assert.match(await commands.said('remove', 'm@3'), /- model m@3/u);
  await commands.refused(2, /say which version/u, 'remove', 'm');
  await commands.refused(1, /unknown_app/u, 'remove', 'none', '--app');
});

test('status and doctor say what is wrong, and why', async () => {
  // Which of the two depends on how often it has died by then.
  await commands.refused(4, /replicas are ready|again and again/u, 'deploy', 'dead@1', '--input', '{"dtype": "float32", "shape": [1]}', '--wait-ms', '500', '--', 'node', '-e', 'console.error("weights.bin: No such file"); process.exit(3)');
  const status = await until('the death is told', async () => {
    const { code, out } = await commands.run('status');
    // Of its first death figures are a second old: until then it seems to start for the first time, which is no alarm.
    return code === 4 && /^wrong {2}dead@1/mu.test(out) && out.includes('weights.bin') && out.includes('Last troubles') ? out : false;
  });
  assert.match(status, /^Tradewind \S+ ready,[^]*\nwrong {2}dead@1: no replica is ready: [^\n]*\. Why: exited with code 3 \(“weights\.bin: No such file”\)\.\n/u);
  assert.match(status, /\nLast troubles\n[^]* ago {2}dead@1: replica died: exited with code 3/u);
  const { code, out } = await commands.run('doctor', '--config', 'tradewind.yaml');
  assert.deepEqual([code, /bad +model dead@1: no replica is ready/u.test(out)], [1, true], out);
  await commands.said('remove', 'dead@1');
});
