import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { Commands } from '../support/commands.ts';
import { tradewind } from '../support/tradewind-command.ts';

const YAML = `
models:
  - { name: m, version: 1, container: synthetic, replicas: 2, input: { dtype: float32, shape: [3] }, output: { kind: value } }
  - { name: m, version: 2, container: synthetic, input: { dtype: float32, shape: [3] }, output: { kind: value }, cache: { enabled: true } }
apps:
  - { name: sums, arms: [m], slo_ms: 30000, default: -1 }
`;
const CHATTY = `import { serve } from '${join(import.meta.dirname, '../../model-containers/typescript/serve.ts')}';
console.log('\\u001b[31mred\\u001b[0m words');
void serve({ outputs: [{ name: 'y', dtype: 'float32', shape: [] }] }, ({ rows }) => { console.log('one more batch'); return { y: new Float32Array(rows) }; });
`;

const broker = await (await BrokerProcess.start({ after }, { yaml: YAML, files: { 'chatty.ts': CHATTY } })).ready();

const commands = new Commands(broker);
// A model is ready with its first replica.
await until('both replicas', async () => (await broker.replicas('m@1')).filter(({ state }) => state === 'ready').length === 2);

test('status, models and apps show what runs, for people and for machines', async () => {
  assert.match(await commands.said('status'), /^Tradewind \S+ ready, pid \d+[^]*m@1 +synthetic +2\/2 +0\n/u);
  assert.equal((await commands.json<{ broker: { ready: boolean } }>('status')).broker.ready, true);
  assert.match(await commands.said('models', 'm'), /m@1\/2\.1 +ready/u);
  assert.deepEqual((await commands.json<{ models: { name: string }[] }>('models')).models.map(({ name }) => name), ['m']);
  assert.match(await commands.said('apps'), /^app +arms +policy[^]*\nsums +m +static +30000/u);
  assert.match(await commands.said('apps', 'sums'), /sums chooses by static[^]*\nm +2 +1 +yes +100\.0 %/u);
});

test('predict and feedback, from the command line, a file and standard input', async () => {
  assert.match(await commands.said('predict', 'sums', '[1, 2, 3]', '--model', 'm', '--model-version', '1'), /^6\nm@1 · .* ms\ndecision \S+\n$/u);
  writeFileSync(join(broker.folder, 'rows.json'), '{"inputs": [[1,1,1],[2,2,2]]}');
  const answer = await commands.json<{ outputs: number[]; decision_id: string }>('predict', 'sums', '@rows.json', '--explain');
  assert.deepEqual(answer.outputs, [3, 6]);
  const one = await commands.json<{ decision_id: string }>('predict', 'sums', '[1,2,3]');
  assert.equal(await commands.said('feedback', one.decision_id, '--reward', '1'), 'Taken: it is durable.\n');
  await commands.refused(2, /say one of --reward, --label and --value/u, 'feedback', one.decision_id);
  await commands.refused(1, /^tradewind: unknown_decision/u, 'feedback', 'nonsense', '--reward', '1');
  await commands.refused(1, /^tradewind: wrong_shape: .*\(.*input/u, 'predict', 'sums', '[1]');
  await commands.refused(1, /^tradewind: unknown_app/u, 'predict', 'none', '[1]');
  await commands.refused(2, /the input is not JSON/u, 'predict', 'sums', '[1');
});

test('scale waits for the replicas; a dry run changes nothing', async () => {
  const held = 'The configuration file holds model m@1: what it says counts again at the next start and apply, so say it there, too.\n';
  assert.equal(await commands.said('scale', 'm@1', '1', '--dry-run'), `Would change:\n~ model m@1\n${held}`);
  assert.equal(await commands.said('scale', 'm@1', '3', '--wait-ms', '30000'), `Changed:\n~ model m@1\n${held}`);
  assert.equal((await broker.replicas('m@1')).filter(({ state }) => state === 'ready').length, 3);
  assert.equal(await commands.said('scale', 'm@1', '3'), 'Nothing changes.\n');
  await commands.refused(1, /m has several versions, and none is stable: say one of m@1, m@2/u, 'scale', 'm', '1');
  await commands.refused(1, /unknown_model/u, 'scale', 'none', '1');
  await commands.refused(2, /not a whole number from 0 to 256/u, 'scale', 'm@1', '-1'.replace('-', '+x'));
});

test('one replica is replaced without a moment without it, another is drained', async () => {
  assert.match(await commands.said('replica', 'restart', 'm@1', '1'), /starts in the place of 1/u);
  await until('replaced', async () => (await broker.replicas('m@1')).every(({ id, state }) => state === 'ready' && !id.startsWith('m@1/1.')));
  await commands.said('replica', 'drain', 'm@1', '2');
  const left = await until('drained', async () => {
    const replicas = await broker.replicas('m@1');
    return replicas.length === 2 ? replicas : false;
  });
  assert.deepEqual(left.map(({ id }) => id), ['m@1/3.1', 'm@1/4.1']);
  await commands.refused(1, /unknown_replica/u, 'replica', 'restart', 'm@1', '99');
});

test('deploy waits until it is ready and labels it; a program may be named over the control socket', async () => {
  assert.match(await commands.said('deploy', 'n@1', '--container', 'synthetic', '--output', 'value', '--label', 'stable'), /\+ model n@1\n[^]*\+ label n@stable\n/u);
  await commands.said('label', 'm', 'stable', '1');
  await commands.said('label', 'm', 'stable', '2');
  assert.match(await commands.said('rollback', 'm'), /~ label m@stable/u);
  await commands.refused(1, /unknown_version/u, 'rollback', 'm', 'canary');
  await commands.said('label', 'm', 'stable', '--remove');
  await commands.said('label', 'n', 'canary', '1');
  assert.match(await commands.said('label', 'n', 'canary', '--remove'), /- label n@canary/u);
  await commands.said('deploy', 'chatty@1', '--input', '{"dtype": "float32", "shape": [1]}', '--output', 'value', '--', 'node', './chatty.ts');
  assert.match(await commands.said('logs', 'chatty'), /^chatty@1\/1\.1 {2}red words\n$/u);
  await commands.refused(4, /its replicas die again and again[^]*exited with code 3/u, 'deploy', 'dead@1', '--input', '{"dtype": "float32", "shape": [1]}', '--wait-ms', '60000', '--', 'node', '-e', 'process.exit(3)');
  await broker.admin('models/dead/versions/1');
  await commands.refused(2, /say the version, as in n@1/u, 'deploy', 'n', '--container', 'synthetic');
  await commands.refused(1, /invalid_config[^]*container/u, 'deploy', 'n@2', '--container', 'nonsense');
});

test('logs follow what is printed, until they are interrupted', async () => {
  await commands.said('deploy', 'chatty@1', '--input', '{"dtype": "float32", "shape": [1]}', '--output', '{"kind": "value"}', '--', 'node', './chatty.ts');
  await broker.admin('apps/chatty', { arms: ['chatty'], slo_ms: 30_000 });
  const follow = tradewind(['logs', 'chatty', '--follow'], { cwd: broker.folder, env: { TRADEWIND_STATE_DIR: join(broker.folder, 'state') } });
  await follow.said(/red words/u);
  await broker.predict('chatty', { input: [1] });
  assert.equal((await follow.said(/one more batch/u)).match(/one more batch/gu)?.length, 1);
  follow.child.kill('SIGINT');
  await follow.ended;
});

test('bench plays load and says what came of it', async () => {
  const report = await commands.json<{ answersPerSecond: number; unanswered: number }>('bench', 'sums', '[1,2,3]', '--seconds', '1', '--connections', '2');
  assert.ok(report.answersPerSecond > 0 && report.unanswered === 0, JSON.stringify(report));
});

test('replay asks again what was recorded', async () => {
  const line = (app: string, input: unknown): string => JSON.stringify({ app, at_ms: 1, body: { input } });
  writeFileSync(join(broker.folder, 'recorded.jsonl'), `${line('sums', [1, 2, 3])}\n\n${line('sums', [4, 5, 6])}\n`);
  assert.deepEqual(await commands.json('replay', 'recorded.jsonl', '--speed', '100'), { outcomes: [{ app: 'sums', answer: 'model', count: 2 }] });
  await commands.refused(1, /2 requests were refused/u, 'replay', 'recorded.jsonl', '--app', 'none');
  writeFileSync(join(broker.folder, 'no-recording'), '{}\nx\n');
  await commands.refused(2, /line 1 has no "body"[^]*line 2 is no JSON object/u, 'replay', 'no-recording');
});

