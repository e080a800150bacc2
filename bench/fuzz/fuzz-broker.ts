import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { metricSum, readMetrics } from '../broker/metrics.ts';
import { startBroker, waitUntilReady, type BrokerProcess } from '../demo/broker-process.ts';
import type { ControlAnswer } from './judge.ts';
import type { Message, Targets } from './message.ts';

/** Short, so that what stalls is cut off within the run. */
const LIMITS = { body_bytes: 1_048_576, headers_timeout_ms: 1000, request_timeout_ms: 2000, keep_alive_ms: 5000, stall_ms: 5000 };
const SETTLE_MS = 15_000;
const POLL_MS = 100;

/** A broker with poisoned slabs, an ONNX model, and a synthetic one that takes every kind of input. `grpc`: where its gRPC door is to be. */
export async function startFuzzBroker(grpc?: string): Promise<BrokerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-fuzz-'));
  try {
    const file = join(folder, 'tradewind.yaml');
    writeFileSync(file, JSON.stringify({ ...CONFIG, ...(grpc === undefined ? {} : { listen: { grpc } }) }));
    const broker = await startBroker(file, { env: { TRADEWIND_CHECKED: '1' } });
    await waitUntilReady(broker.url);
    return broker;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const MIXED = [
  { name: 'ids', dtype: 'int64', shape: [2] }, { name: 'flag', dtype: 'bool', shape: [1] },
  { name: 'name', dtype: 'bytes', shape: [1] }, { name: 'grid', dtype: 'float32', shape: [2, 2] },
];
const CONFIG = {
  limits: LIMITS,
  models: [
    { name: 'linear-8', version: 1, container: 'onnx', path: fileURLToPath(new URL('../models/linear-8/1/model.onnx', import.meta.url)), labels: ['stable'], output: { name: 'probabilities', kind: 'probabilities' } },
    { name: 'mixed', version: 1, container: 'synthetic', options: { echo: true }, input: MIXED },
    { name: 'free', version: 1, container: 'synthetic', options: { echo: true }, input: { dtype: 'float32', shape: [-1], ragged: true } },
    // Nobody knows its inputs: none of it ever runs.
    { name: 'unborn', version: 1, container: 'synthetic', replicas: 0 },
  ],
  apps: [
    { name: 'eight', arms: ['linear-8'], output: 'label', slo_ms: 1000, default: -1 },
    { name: 'control', arms: ['linear-8'], output: 'label', slo_ms: 30_000, default: -1 },
    { name: 'mixed', arms: ['mixed'], slo_ms: 1000 },
    { name: 'free', arms: ['free'], slo_ms: 1000 },
    { name: 'unborn', arms: ['unborn'], slo_ms: 1000, default: -1 },
  ],
};

const CONTROL: Message = {
  method: 'POST', path: '/v1/apps/control/predict', headers: ['Content-Type: application/json'],
  body: Buffer.from('{"input":[13.2,1.78,2.14,11.2,100,2.65,2.76,0.26]}'), control: true,
};

/** The control question and its answer, asked while nothing else goes on. */
export async function askControl(url: string): Promise<{ readonly targets: Targets; readonly control: ControlAnswer }> {
  const response = await fetch(`${url}${CONTROL.path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: CONTROL.body.toString() });
  const answer = (await response.json()) as { source?: string; output?: number };
  if (answer.source !== 'model' || answer.output === undefined) throw new Error(`no model answers the control query: ${JSON.stringify(answer)}`);
  return { targets: { host: new URL(url).host, control: CONTROL }, control: { output: answer.output } };
}

/** What a broker must not hold once all is over, and what must not have happened. */
export interface Remains {
  readonly openQueries: number;
  readonly slabBytes: number;
  readonly replicaDeaths: number;
}

/** Waits until nothing is held any more; says what is left where that does not come. */
export async function remains(url: string): Promise<Remains> {
  for (const giveUpAt = Date.now() + SETTLE_MS; ;) {
    const text = await readMetrics(url);
    const left = {
      openQueries: metricSum(text, 'tradewind_open_queries'), slabBytes: metricSum(text, 'tradewind_slab_bytes'),
      replicaDeaths: metricSum(text, 'tradewind_replica_deaths_total'),
    };
    if ((left.openQueries === 0 && left.slabBytes === 0) || Date.now() > giveUpAt) return left;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
