import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { METRICS } from '../../frontend/metrics/table.ts';
import { BrokerProcess, until } from '../support/broker-process.ts';

const YAML = `
models:
  - { name: m, version: 1, container: synthetic, output: { kind: value }, options: { start_ms: 2000 } }
apps:
  - { name: m, arms: [m], slo_ms: 30000, default: -1 }
`;
const broker = await BrokerProcess.start({ after }, { yaml: YAML });

test('readyz tells the truth: not before the model has a replica, not while it has none, and again after', async () => {
  // The model takes its time, so this is before, on a busy machine too.
  const early = await broker.readiness();
  assert.deepEqual([early.status, early.missing], [503, ['m@1']]);
  assert.equal((await fetch(`${broker.url}/healthz`)).status, 200);
  assert.equal((await broker.predict('m', { input: [1] })).json.reason, 'no_replica');
  await broker.ready();
  assert.equal((await broker.predict('m', { input: [1, 2] })).json.output, 3);
  const [replica] = await broker.replicas();
  assert.ok(replica?.pid);
  process.kill(replica.pid, 'SIGKILL');
  await until('unready', async () => (await broker.readiness()).status === 503);
  assert.equal((await fetch(`${broker.url}/healthz`)).status, 200);
  await broker.ready();
});

test('a version or a model that is new and loads, or never comes, takes no broker out that answers', async () => {
  await broker.ready();
  const slow = { container: 'synthetic', output: { kind: 'value' }, options: { start_ms: 600_000 } };
  await broker.admin('models/m/versions/2', slow);
  await broker.admin('models/other/versions/1', { ...slow, options: { exit_at_start: true } });
  await until('it loads', async () => (await broker.replicas('m@2')).some(({ state }) => state === 'starting'));
  const { status, missing } = await broker.readiness();
  assert.deepEqual([status, [...missing].toSorted()], [200, ['m@2', 'other@1']]);
  assert.equal((await fetch(`${broker.url}/v2/health/ready`)).status, 200);
  assert.equal(await broker.metric('tradewind_missing_versions'), 2);
  // What answered and does not any more is another thing.
  const [replica] = await broker.replicas('m@1');
  assert.ok(replica?.pid);
  process.kill(replica.pid, 'SIGKILL');
  await until('unready', async () => (await broker.readiness()).status === 503);
  await until('ready', async () => (await broker.readiness()).status === 200);
  await broker.admin('models/m/versions/2');
  await broker.admin('models/other/versions/1');
  await broker.ready();
});

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{((?:${NAME}="(?:[^"\\\\]|\\\\.)*",?)*)\\})? (NaN|[+-]?(?:Inf|\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?))$`, 'u');

test('every line of /metrics is of the text format, each metric is described, and the table of metrics is all there', async () => {
  const reply = await fetch(`${broker.url}/metrics`);
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/u);
  const lines = (await reply.text()).split('\n');
  assert.equal(lines.at(-1), '');
  const described = new Set<string>();
  const series = new Set<string>();
  for (const line of lines.slice(0, -1)) {
    const type = new RegExp(`^# (?:HELP (${NAME}) .+|TYPE (${NAME}) (?:counter|gauge|histogram|summary))$`, 'u').exec(line);
    if (type !== null) described.add(type[1] ?? type[2] ?? '');
    else if (line !== '') {
      const sample = SAMPLE.exec(line);
      assert.ok(sample, line);
      const [, name = '', labels = ''] = sample;
      assert.ok(described.has(name) || described.has(name.replace(/_(?:bucket|sum|count)$/u, '')), line);
      assert.ok(!series.has(`${name}{${labels}}`), `twice: ${line}`);
      series.add(`${name}{${labels}}`);
    }
  }
  assert.deepEqual(Object.keys(METRICS).filter((name) => !described.has(name)), []);
});

test('/openapi.json is valid and names every route, admin included', async () => {
  const document = (await (await fetch(`${broker.url}/openapi.json`)).json()) as { paths: Record<string, object> };
  const { valid, errors } = await new Validator().validate(document);
  assert.ok(valid, JSON.stringify(errors));
  for (const path of ['/v1/apps/{app}/predict', '/healthz', '/readyz', '/metrics', '/openapi.json', '/admin/models', '/admin/models/{model}/versions/{version}', '/admin/apps/{app}']) assert.ok(path in document.paths, path);
});

test('another Host is refused on every route, admin included', async () => {
  for (const path of ['/healthz', '/metrics', '/admin/models', '/v1/apps/m/predict']) {
    const status = await new Promise((resolve, reject) => {
      request(`${broker.url}${path}`, { headers: { host: 'evil.example' } }, (response) => resolve(response.resume().statusCode)).on('error', reject).end();
    });
    assert.equal(status, 421, path);
  }
});
