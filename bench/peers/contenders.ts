import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBroker, waitUntilReady } from '../demo/broker-process.ts';
import { FOREIGN_KINDS, findForeign, startForeign, type ForeignKind } from '../foreign/foreign-server.ts';
import { processTree } from './process-tree.ts';

/** A server with the demo's logistic regression, and how it is asked for a label. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  body(row: readonly number[]): string;
  label(answer: unknown): unknown;
  /** All its processes, as they are now. */
  pids(): readonly number[];
  stop(): Promise<void>;
}

export const CONTENDERS = ['tradewind', ...FOREIGN_KINDS, 'litserve'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const LITSERVE = here('.venv/litserve/bin/litserve');
const LITSERVE_PORT = 18_437;
const SLO_MS = 1000;
const LOOK_MS = 100;
const START_LIMIT_MS = 60_000;

/** Why this machine cannot run it; undefined where it can. */
export function missing(name: ContenderName): string | undefined {
  if (name === 'tradewind') return undefined;
  const there = name === 'litserve' ? existsSync(LITSERVE) : findForeign(name) !== undefined;
  return there ? undefined : 'bench/foreign/install.sh has not put it here';
}

export function startContender(name: ContenderName): Promise<Contender> {
  if (name === 'tradewind') return startTradewind();
  return name === 'litserve' ? startLitServe() : startOip(name);
}

async function startTradewind(): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-peers-'));
  const file = join(folder, 'tradewind.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({
    models: [{ name: 'digits', version: 1, container: 'onnx', path: here('deploy/demo/models/digits-logistic/1/model.onnx'), output: { name: 'label', kind: 'label' } }],
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

async function startLitServe(): Promise<Contender> {
  const child = spawn(join(LITSERVE, '../python'), [here('bench/foreign/models/litserve/digits.py'), String(LITSERVE_PORT)], { stdio: 'ignore', detached: true });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    const { pid } = child;
    if (pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGKILL');
    await ended;
  };
  const url = `http://127.0.0.1:${LITSERVE_PORT}`;
  for (const giveUpAt = Date.now() + START_LIMIT_MS; !(await isUp(`${url}/health`));) {
    if (Date.now() > giveUpAt || child.exitCode !== null) {
      await stop();
      throw new Error('litserve did not become ready');
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return {
    name: 'litserve', url: `${url}/predict`, body: (row) => JSON.stringify({ input: row }), label: (answer) => (answer as { output: unknown }).output,
    pids: () => processTree(child.pid ?? 0), stop,
  };
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
