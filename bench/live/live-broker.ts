import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readyReplicas } from '../broker/ready-replicas.ts';
import { startBroker, waitUntilReady, type BrokerProcess } from '../demo/broker-process.ts';
import type { Workload } from './workloads.ts';

/** More rows than any batch here can have and be on time. */
export const MAX_ROWS = 1024;
const LONG_SLO_MS = 60_000;
const REPLICAS_TIMEOUT_MS = 30_000;

/** The model and the app of a controller, or of a number of replicas; all of a workload run in one broker, and idle while another is measured. */
export function nameOf(variant: string | number): string {
  return `m-${variant}`;
}
/** The model that the law is measured at: its batches are what one request holds. */
export const LAW_NAME = 'law';

/** One broker with a model, so a queue and a container, for each controller. */
export async function startLiveBroker(workload: Workload, controllers: readonly string[], fixedRows: number): Promise<BrokerProcess> {
  const config = {
    models: controllers.map((controller) => model(workload, nameOf(controller), batchingOf(controller, fixedRows))),
    apps: controllers.map((controller) => app(workload, nameOf(controller), workload.sloMs)),
  };
  return start(config);
}

/** A broker with one model of the workload, whose requests of many rows are one batch each. */
export async function startLawBroker(workload: Workload): Promise<BrokerProcess> {
  return start({ models: [model(workload, LAW_NAME, { controller: 'fixed', max_batch: MAX_ROWS })], apps: [app(workload, LAW_NAME, LONG_SLO_MS)] });
}

/** One broker with the same version once for each number of replicas, all of which are ready when it resolves. */
export async function startReplicasBroker(workload: Workload, counts: readonly number[], { controller, fixedRows }: { controller: string; fixedRows: number }): Promise<BrokerProcess> {
  const broker = await start({
    models: counts.map((replicas) => model(workload, nameOf(replicas), batchingOf(controller, fixedRows), replicas)),
    apps: counts.map((replicas) => app(workload, nameOf(replicas), workload.sloMs)),
  });
  try {
    for (const replicas of counts) await readyReplicas(broker.url, { model: nameOf(replicas), count: replicas, limitMs: REPLICAS_TIMEOUT_MS });
    return broker;
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

/** The generator holds connections that it may not use for long: none of them is to be told that it is late. */
const LIMITS = { headers_timeout_ms: 600_000, request_timeout_ms: 3_600_000, keep_alive_ms: 3_600_000, stall_ms: 3_600_000 };

/** JSON is YAML. */
async function start(config: object): Promise<BrokerProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-live-'));
  try {
    const file = join(folder, 'tradewind.yaml');
    writeFileSync(file, JSON.stringify({ limits: LIMITS, ...config }));
    const broker = await startBroker(file, { ownSession: true });
    await waitUntilReady(broker.url);
    return broker;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function model(workload: Workload, name: string, batching: object, replicas = 1): object {
  return { ...workload.model, name, version: 1, replicas, batching, slo_ms: workload.sloMs };
}

function batchingOf(controller: string, fixedRows: number): object {
  return { controller, max_batch: controller === 'fixed' ? fixedRows : MAX_ROWS };
}

function app({ output }: Workload, name: string, sloMs: number): object {
  return { name, arms: [name], policy: 'static', output, slo_ms: sloMs, default: -1, on_miss: 'default' };
}
