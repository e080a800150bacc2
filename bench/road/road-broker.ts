import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBroker, waitUntilReady, type BrokerProcess } from '../demo/broker-process.ts';
import type { Load } from './loads.ts';

/** Generous: the road is measured, and every answer has to come from the model. */
const SLO_MS = 1000;
const MAX_BATCH = 128;

export interface RoadBrokerStart {
  readonly controller: string;
  /** Where V8 writes a CPU profile of the broker when it stops; none unless given. */
  readonly profileDir?: string;
}

/** The file of the model that a load asks. */
export function modelFile({ features }: Load): string {
  return fileURLToPath(new URL(`../models/linear-${features}/1/model.onnx`, import.meta.url));
}

export function modelName({ features }: Load): string {
  return `linear-${features}`;
}

/** As long as the name in the bare servers' paths, so that all contenders read heads of one length. */
export function appName({ features }: Load): string {
  return `f${String(features).padStart(4, '0')}`;
}

/** Our whole road: the broker and, for each size of input, the linear model in an ONNX container; one arm, static. */
export async function startRoadBroker(loads: readonly Load[], start: RoadBrokerStart): Promise<BrokerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-road-'));
  try {
    const file = join(folder, 'tradewind.yaml');
    writeFileSync(file, roadConfig(loads, start.controller));
    const nodeFlags = start.profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${start.profileDir}`];
    const broker = await startBroker(file, { nodeFlags });
    await waitUntilReady(broker.url);
    return broker;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** JSON is YAML. */
function roadConfig(loads: readonly Load[], controller: string): string {
  const sizes = [...new Map(loads.map((load) => [load.features, load])).values()];
  return JSON.stringify({
    models: sizes.map((load) => ({
      name: modelName(load), version: 1, container: 'onnx', path: modelFile(load), replicas: 1, labels: ['stable'],
      output: { name: 'probabilities', kind: 'probabilities' }, batching: { controller, max_batch: MAX_BATCH },
    })),
    apps: sizes.map((load) => ({
      name: appName(load), arms: [modelName(load)], policy: 'static', output: 'label', slo_ms: SLO_MS, default: -1, on_miss: 'default',
    })),
  }, null, 2);
}
