import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBroker, waitUntilReady } from '../demo/broker-process.ts';
import { FOREIGN_KINDS, findForeign, startForeign, type ForeignKind } from '../foreign/foreign-server.ts';
import type { Contender } from './contender.ts';
import { processTree } from './process-tree.ts';
import { hasProgram, isProgramKind, PROGRAM_KINDS, startProgram } from './programs.ts';

export const CONTENDERS = ['tradewind', ...FOREIGN_KINDS, ...PROGRAM_KINDS] as const;
export type ContenderName = (typeof CONTENDERS)[number];

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const SLO_MS = 1000;
/** Batches that our container has at a time: while one goes back, the next is there. Others wait for more rows in its place (bench/foreign/models). */
export const MAX_IN_FLIGHT = 3;

/** Why this machine cannot run it; undefined where it can. */
export function missing(name: ContenderName): string | undefined {
  if (name === 'tradewind') return undefined;
  if (isProgramKind(name)) return hasProgram(name) ? undefined : 'bench/foreign/install.sh, bench/peers/install.sh and test/clients/install.sh have not put it here';
  return findForeign(name) === undefined ? 'bench/foreign/install.sh has not put it here' : undefined;
}

export function startContender(name: ContenderName): Promise<Contender> {
  if (name === 'tradewind') return startTradewind();
  return isProgramKind(name) ? startProgram(name) : startOip(name);
}

async function startTradewind(): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-peers-'));
  const file = join(folder, 'tradewind.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({
    // The label alone, as the others give it: the model has probabilities too.
    models: [{
      name: 'digits', version: 1, container: 'onnx', path: here('deploy/demo/models/digits-logistic/1/model.onnx'), options: { outputs: ['label'], max_in_flight: MAX_IN_FLIGHT },
      output: { name: 'label', kind: 'label' },
    }],
    apps: [{ name: 'digits', arms: ['digits'], policy: 'static', slo_ms: SLO_MS, on_miss: 'error' }],
  }));
  const broker = await startBroker(file).finally(() => rmSync(folder, { recursive: true, force: true }));
  await waitUntilReady(broker.url);
  return {
    name: 'tradewind', url: `${broker.url}/v1/apps/digits/predict`,
    body: (row) => JSON.stringify({ input: row }), label: (answer) => (answer as { output: unknown }).output,
    pids: () => processTree(broker.pid), stop: () => broker.stop(),
  };
}

async function startOip(kind: ForeignKind): Promise<Contender> {
  const server = await startForeign(kind);
  return {
    name: kind, url: `${server.http}/v2/models/digits/infer`,
    body: (row) => JSON.stringify({ inputs: [{ name: 'x', shape: [1, row.length], datatype: 'FP32', data: row }] }),
    label: (answer) => (answer as { outputs: { data: unknown[] }[] }).outputs[0]?.data[0],
    pids: () => server.pids(), stop: () => server.kill9(),
  };
}
