import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../frontend/domain/log.ts';
import type { Meter } from '../../frontend/domain/meter.ts';
import type { ModelSpec } from '../../frontend/domain/model.ts';
import type { ReplicaLink } from '../../frontend/domain/replica.ts';
import { Launchers } from '../../frontend/lifecycle/runtimes/launcher/launchers.ts';
import { LocalRuntime } from '../../frontend/lifecycle/runtimes/local.ts';
import { ReplicaListener } from '../../frontend/rpc/listener.ts';
import { OutputListener } from '../../frontend/rpc/output-listener.ts';
import { SendBuffers } from '../../frontend/rpc/send-buffers.ts';
import type { SlabPool } from '../../frontend/domain/slabs.ts';
import { RealClock } from '../../frontend/runtime/real-clock.ts';
import { sharedReads } from '../../frontend/runtime/shared-reads.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';

const NO_METER: Meter = { cell: () => 0, add: () => undefined, set: () => undefined, observe: () => undefined, forget: () => undefined };
const NO_LOG: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const PYTHON_KIT = fileURLToPath(new URL('../../model-containers/python', import.meta.url));
const ONNX = fileURLToPath(new URL('../../model-containers/onnx/main.ts', import.meta.url));

/** One replica behind the broker's own listener and runtime, with nothing of the broker above them. */
export interface OpenReplica {
  readonly link: ReplicaLink;
  readonly pid: number;
  /** Where the rows that are sent lie. */
  readonly slabs: SlabPool;
  /** Called at each credit that comes. */
  onCredit: () => void;
  close(): Promise<void>;
}

/** What the replica serves, given a folder that goes when it closes; its container and its input at the least. */
export type Serves = (folder: string) => Pick<ModelSpec, 'container' | 'path' | 'input'> & Partial<Pick<ModelSpec, 'options'>>;

export async function openReplica(serves: Serves): Promise<OpenReplica> {
  const folder = mkdtempSync(join(tmpdir(), 'wire-'));
  const clock = new RealClock();
  const slabs = new SlabArena();
  const listener = await ReplicaListener.open({
    buffers: new SendBuffers(), slabs, heartbeatMs: 1000, folder: join(folder, 'run'), clock, log: NO_LOG, handshakeTimeoutMs: 10_000, maxConnections: 8, adopt: sharedReads,
  });
  const builtins = { onnx: ONNX, synthetic: '', python: PYTHON_KIT, tensorflow: '', typescript: '' };
  const outputs = await OutputListener.open({ folder: join(folder, 'run'), clock });
  const host = { node: process.execPath, builtins, env: process.env };
  const launchers = new Launchers({ clock, log: NO_LOG, host });
  const runtime = new LocalRuntime({ door: listener, outputs, launchers, clock, log: NO_LOG, meter: NO_METER, stateFolder: folder, host });
  const spec: ModelSpec = {
    name: 'wire', version: 1, options: {}, replicas: 1, output: { kind: 'value' },
    batching: { controller: 'fixed', maxBatch: 128, maxQueueRows: 8192 }, sloMs: 1000, ...serves(folder),
  };
  let onCredit = (): void => {};
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  let ready: (link: ReplicaLink) => void = () => {};
  let failed: (why: Error) => void = () => {};
  const opened = new Promise<ReplicaLink>((resolve, reject) => {
    ready = resolve;
    failed = reject;
  });
  const run = runtime.start({ id: 'wire@1/1.1', key: 'wire@1', spec }, {
    started: () => {},
    judge: () => undefined,
    ready: (link) => ready(link),
    refused: ({ message }) => failed(new Error(message)),
    noted: () => {},
    heartbeat: () => {},
    watchdogLost: () => {},
    ended: ({ message }) => {
      failed(new Error(`the container ended: ${message}\n${run.output().join('\n')}`));
      end();
    },
    credit: () => onCredit(),
    closed: () => {},
  });
  const link = await opened;
  return {
    link,
    pid: run.pid() ?? 0,
    slabs,
    set onCredit(told: () => void) {
      onCredit = told;
    },
    close: async () => {
      run.kill('the bench is over');
      await ended;
      await Promise.all([launchers.close(), listener.close(), outputs.close()]);
      clock.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
