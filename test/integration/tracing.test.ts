import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { BrokerProcess, until } from '../support/broker-process.ts';

const KIT = pathToFileURL(join(import.meta.dirname, '../../model-containers/typescript/serve.ts')).href;
const CONTAINER = `import { serve } from '${KIT}';
void serve({ outputs: [{ name: 'y', dtype: 'float32', shape: [] }] }, ({ rows, traceparent }) => { console.log('told ' + traceparent); return { y: new Float32Array(rows) }; });
`;
/** What an operator's own module does: a provider, here one that writes a line for each span. */
const PROVIDER = `import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { trace } from '${import.meta.resolve('@opentelemetry/api')}';
import { BasicTracerProvider, SimpleSpanProcessor } from '${import.meta.resolve('@opentelemetry/sdk-trace-base')}';
const exporter = { export: (spans, done) => { for (const s of spans) appendFileSync('spans', JSON.stringify({ name: s.name, ...s.spanContext(), parent: s.parentSpanContext?.spanId, links: s.links.map((l) => l.context.spanId) }) + '\\n'); done({ code: 0 }); }, shutdown: async () => {} };
if (isMainThread) trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
`;
const YAML = `
models:
  - { name: m, version: 1, container: { command: [node, ./container.ts] }, input: { dtype: float32, shape: [1] }, output: { kind: value } }
apps:
  - { name: a, arms: [m], slo_ms: 30000 }
`;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = `00-${TRACE}-b7ad6b7169203331-01`;

async function ask(broker: BrokerProcess, headers: Record<string, string>): Promise<void> {
  const reply = await fetch(`${broker.url}/v1/apps/a/predict`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"input": [1]}' });
  assert.equal(reply.status, 200, await reply.text());
}

async function told(broker: BrokerProcess, pattern: RegExp): Promise<string> {
  return until('told', async () => (await broker.replicas('m@1')).flatMap(({ output }) => output).find((line) => pattern.test(line)));
}

test('without tracing, what a caller says of its trace reaches the container as it is', async (t) => {
  const broker = await (await BrokerProcess.start(t, { yaml: YAML, files: { 'container.ts': CONTAINER } })).ready();
  await ask(broker, { traceparent: CALLER });
  assert.equal(await told(broker, /^told 00-/u), `told ${CALLER}`);
  await ask(broker, { traceparent: 'nonsense' });
  assert.equal(await told(broker, /^told undefined/u), 'told undefined');
  await broker.stop();
});

test('with tracing, query and batch have spans in the trace of the caller, and the container is told of the batch', async (t) => {
  const broker = await (await BrokerProcess.start(t, {
    yaml: `tracing: { enabled: true }\n${YAML}`, files: { 'container.ts': CONTAINER, 'provider.mjs': PROVIDER }, env: { NODE_OPTIONS: '--import ./provider.mjs' },
  })).ready();
  await ask(broker, { traceparent: CALLER });
  const file = join(broker.folder, 'spans');
  interface Line { readonly name: string; readonly traceId: string; readonly spanId: string; readonly parent?: string; readonly links: readonly string[] }
  const spans = await until('both spans', () => {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Line) : [];
    return lines.length >= 2 ? lines : false;
  });
  const query = spans.find(({ name }) => name === 'predict a');
  const batch = spans.find(({ name }) => name === 'batch');
  assert.deepEqual([query?.traceId, query?.parent, batch?.traceId, batch?.parent], [TRACE, 'b7ad6b7169203331', TRACE, query?.spanId]);
  assert.deepEqual([query?.links, batch?.links], [[batch?.spanId], [query?.spanId]]);
  assert.equal(await told(broker, /^told 00-/u), `told 00-${TRACE}-${batch?.spanId}-01`);
  await broker.stop();
});
