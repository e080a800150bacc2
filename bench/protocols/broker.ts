import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBroker, waitUntilReady } from '../demo/broker-process.ts';
import { freePort } from '../broker/free-port.ts';
import type { Started } from './contender.ts';

const FEATURES = 784;
const MODEL = 'linear-784';
const APP = 'f0784';
/** Generous: what a protocol costs is measured, and every answer has to come from the model. */
const SLO_MS = 2_000;

/** The broker with one linear model in an ONNX container, and both doors. */
export async function startProtocolBroker(seed: number, profileDir?: string): Promise<Started & { stop(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-protocols-'));
  const grpc = `127.0.0.1:${await freePort()}`;
  try {
    const file = join(folder, 'tradewind.yaml');
    const path = fileURLToPath(new URL(`../models/${MODEL}/1/model.onnx`, import.meta.url));
    writeFileSync(file, JSON.stringify({
      listen: { grpc },
      models: [{ name: MODEL, version: 1, container: 'onnx', path, output: { name: 'probabilities', kind: 'probabilities' }, batching: { max_batch: 128 } }],
      apps: [{ name: APP, arms: [MODEL], output: 'label', slo_ms: SLO_MS }],
    }));
    const broker = await startBroker(file, { nodeFlags: profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`] });
    await waitUntilReady(broker.url);
    return { url: broker.url, grpc, pid: broker.pid, app: APP, model: MODEL, features: FEATURES, seed, stop: () => broker.stop() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
