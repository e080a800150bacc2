import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { coldStartTable, type ColdStart } from './cold-start/result.ts';
import { startBroker } from './demo/broker-process.ts';
import { MODEL_KINDS, type ModelKind } from './kinds/model-kinds.ts';
import { median } from './report/median.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `From the wish for a first replica to the first answer, for each kind of container: its process starts, loads its framework and
its model, says hello, and answers one row. A broker runs already; files are in the cache of the system after the first round.

  node bench/cold-start.ts [flags]

  --kinds NAMES  of ${MODEL_KINDS.map(({ name }) => name).join(', ')}; separated by ";", all that this machine has unless given
  --rounds N     5 unless given; medians
  --small        one round of those that need nothing but Node
  --json FILE    writes the result there; - is standard output
`;
const SMALL_KINDS = ['synthetic', 'onnx', 'typescript'];
const GIVE_UP_MS = 60_000;
const LOOK_MS = 5;

async function measure(kind: ModelKind, rounds: number): Promise<ColdStart> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-cold-'));
  try {
    const file = join(folder, 'tradewind.yaml');
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ models: [{ name: 'm', version: 1, replicas: 0, ...kind.make(folder) }], apps: [{ name: 'm', arms: ['m'], policy: 'static', slo_ms: GIVE_UP_MS, output: 'raw', on_miss: 'error' }] }));
    const broker = await startBroker(file);
    try {
      const starts: { ms: number; memoryMb: number }[] = [];
      for (let round = 0; round < rounds; round++) starts.push(await startOnce(broker.url, kind.row));
      return { kind: kind.name, firstAnswerMs: Math.round(median(starts.map(({ ms }) => ms))), memoryMb: median(starts.map(({ memoryMb }) => memoryMb)) };
    } finally {
      await broker.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startOnce(url: string, row: readonly number[]): Promise<{ ms: number; memoryMb: number }> {
  const from = performance.now();
  await scale(url, 1);
  for (;;) {
    const reply = await fetch(`${url}/v1/apps/m/predict`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ input: row }) });
    const body = await reply.json() as { source?: string; error?: { code: string } };
    if (body.source === 'model') break;
    if (body.error?.code !== 'no_replica' || performance.now() - from > GIVE_UP_MS) throw new Error(`no answer of the model: ${JSON.stringify(body)}`);
    await sleep(LOOK_MS);
  }
  const ms = performance.now() - from;
  // The broker looks at memory once a second.
  let memoryMb: number | undefined;
  while (memoryMb === undefined) {
    await sleep(100);
    memoryMb = (await replicas(url))[0]?.memoryMb;
  }
  await scale(url, 0);
  while ((await replicas(url)).length > 0) await sleep(LOOK_MS);
  return { ms, memoryMb };
}

async function scale(url: string, wanted: number): Promise<void> {
  const reply = await fetch(`${url}/admin/models/m/versions/1/replicas`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ replicas: wanted }) });
  if (!reply.ok) throw new Error(await reply.text());
}

async function replicas(url: string): Promise<readonly { readonly memoryMb?: number }[]> {
  const { status } = await (await fetch(`${url}/admin/models/m/versions/1`)).json() as { status?: { replicas: { memoryMb?: number }[] } };
  return status?.replicas ?? [];
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const { values } = parseArgs({
  options: { kinds: { type: 'string' }, rounds: { type: 'string', default: '5' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const wanted = values.small ? SMALL_KINDS : values.kinds?.split(';').map((name) => name.trim());
  const rounds = values.small ? 1 : Number(values.rounds);
  const results: ColdStart[] = [];
  for (const kind of MODEL_KINDS.filter(({ name }) => wanted?.includes(name) ?? true)) {
    const missing = kind.missing();
    if (missing === undefined) results.push(await measure(kind, rounds));
    else say(`${kind.name} is left out: ${missing}`);
  }
  say(textTable(coldStartTable(results)));
  writeResult(values.json, { bench: 'cold-start', seed: 0, parameters: { rounds, small: values.small }, result: results });
}
