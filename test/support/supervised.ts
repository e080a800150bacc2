import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LifePolicy } from '../../frontend/control/replica-life.ts';
import type { Log } from '../../frontend/domain/log.ts';
import type { Meter } from '../../frontend/domain/meter.ts';
import type { ModelKey, ModelSpec } from '../../frontend/domain/model.ts';
import type { ReplicaLink } from '../../frontend/domain/replica.ts';
import type { HostEnvironment } from '../../frontend/lifecycle/container-command.ts';
import type { ModelStatus } from '../../frontend/lifecycle/model-replicas.ts';
import { ExternalRuntime, type ExternalDiallers } from '../../frontend/lifecycle/runtimes/external.ts';
import { Launchers } from '../../frontend/lifecycle/runtimes/launcher/launchers.ts';
import { LocalRuntime } from '../../frontend/lifecycle/runtimes/local.ts';
import { Supervisor } from '../../frontend/lifecycle/supervisor.ts';
import { FrameDialler } from '../../frontend/rpc/dialler.ts';
import { ReplicaListener } from '../../frontend/rpc/listener.ts';
import { ServerDialler } from '../../frontend/rpc/oip/server-dialler.ts';
import { OutputListener } from '../../frontend/rpc/output-listener.ts';
import { SendBuffers } from '../../frontend/rpc/send-buffers.ts';
import { RealClock } from '../../frontend/runtime/real-clock.ts';
import { sharedReads } from '../../frontend/runtime/shared-reads.ts';
import { RecordingMeter } from './recording-meter.ts';
import { desiredOf } from './specs.ts';
import type { RogueOptions } from './rogue-container.ts';

const ROGUE = fileURLToPath(new URL('rogue-container.ts', import.meta.url));
const BUILTINS = {
  onnx: fileURLToPath(new URL('../../model-containers/onnx/main.ts', import.meta.url)),
  synthetic: fileURLToPath(new URL('../../model-containers/synthetic/main.ts', import.meta.url)),
  python: fileURLToPath(new URL('../../model-containers/python', import.meta.url)),
  typescript: fileURLToPath(new URL('../../model-containers/typescript/main.ts', import.meta.url)),
  tensorflow: fileURLToPath(new URL('../../model-containers/tensorflow/main.ts', import.meta.url)),
};

/** A model version whose container is the rogue of test/support. */
export function rogueSpec(options: RogueOptions = {}, more: Partial<ModelSpec> = {}): ModelSpec {
  return {
    name: 'rogue', version: 1, container: { kind: 'command', command: ['node', ROGUE], cwd: '/' }, options: { ...options },
    replicas: 1, output: { kind: 'raw' }, batching: { controller: 'fixed', maxBatch: 64, maxQueueRows: 1000 }, sloMs: 100, ...more,
  };
}

/** A supervisor with everything under it real: socket, processes, clock. What happens is remembered and can be awaited. */
export class Supervised {
  #closed: Promise<readonly string[]> | undefined;
  readonly supervisor: Supervisor;
  readonly folder: string;
  readonly buffers: SendBuffers;
  readonly logged: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  readonly gone: string[] = [];
  readonly links: ReplicaLink[] = [];
  readonly #clock: RealClock;
  readonly #listener: ReplicaListener;
  readonly #outputs: OutputListener;
  readonly #local: LocalRuntime;
  readonly launchers: Launchers;
  readonly #waiting = new Set<() => void>();

  private constructor(parts: { folder: string; clock: RealClock; buffers: SendBuffers; listener: ReplicaListener; outputs: OutputListener; host: HostEnvironment; launcherPatienceMs: number; diallers: ExternalDiallers }, policy: Partial<LifePolicy>) {
    this.folder = parts.folder;
    this.buffers = parts.buffers;
    this.#clock = parts.clock;
    this.#listener = parts.listener;
    this.#outputs = parts.outputs;
    const log = this.#log();
    this.launchers = new Launchers({ clock: parts.clock, log, host: parts.host, patienceMs: parts.launcherPatienceMs });
    this.#local = new LocalRuntime({ door: parts.listener, outputs: parts.outputs, launchers: this.launchers, clock: parts.clock, log, meter: new RecordingMeter(), host: parts.host, stateFolder: parts.folder });
    this.supervisor = new Supervisor({
      runtimes: { local: this.#local, external: new ExternalRuntime(parts.diallers) },
      clock: parts.clock, random: () => 0, log, meter: this.#meter(), policy,
      onReady: (_: ModelKey, link) => this.#happened(() => this.links.push(link)),
      onGone: (_: ModelKey, link, why) => this.#happened(() => {
        this.links.splice(this.links.indexOf(link), 1);
        this.gone.push(why);
      }),
      onCredit: () => this.#happened(() => {}),
    });
  }

  static async open(policy: Partial<LifePolicy> = {}, stateFolder?: string, { launcherPatienceMs = 10_000, ...foreign }: { readonly timeoutMs?: number; readonly launcherPatienceMs?: number } = {}): Promise<Supervised> {
    const folder = stateFolder ?? mkdtempSync(join(tmpdir(), 'supervised-'));
    const clock = new RealClock();
    const buffers = new SendBuffers();
    const shared = { clock, buffers, heartbeatMs: 20 };
    const quiet: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const listener = await ReplicaListener.open({ ...shared, folder: join(folder, 'run'), log: quiet, handshakeTimeoutMs: 5000, maxConnections: 64, adopt: sharedReads });
    const host: HostEnvironment = { node: process.execPath, builtins: BUILTINS, env: { ...process.env, SECRET: 'hidden' } };
    const outputs = await OutputListener.open({ clock, folder: join(folder, 'run') });
    const diallers = { frames: new FrameDialler({ ...shared, timeoutMs: 5000 }), oip: new ServerDialler({ ...shared, timeoutMs: 2000, probeMs: 20, ...foreign }) };
    const world = new Supervised({ folder, clock, buffers, listener, outputs, host, launcherPatienceMs, diallers }, {
      backoffFirstMicros: 1000, backoffLastMicros: 20_000, startTimeoutMicros: 20_000_000, ...policy,
    });
    await world.#local.reap();
    return world;
  }

  apply(...specs: readonly ModelSpec[]): void {
    this.supervisor.apply(desiredOf(specs));
  }

  get status(): ModelStatus {
    const [first] = this.supervisor.status();
    if (first === undefined) throw new Error('there is no model');
    return first;
  }

  /** Resolves as soon as `look` finds something; looked for at every event. */
  async until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Links that are ready and have a credit, once there are so many. */
  ready(count = 1): Promise<ReplicaLink[]> {
    return this.until(() => {
      const able = this.links.filter((link) => link.credits > 0);
      return able.length === count && this.links.length === count && able;
    });
  }

  async link(): Promise<ReplicaLink> {
    const [link] = await this.ready();
    if (link === undefined) throw new Error('no link');
    return link;
  }

  /** Drains, closes, and says what is left behind: nothing, if all is well. */
  close(): Promise<readonly string[]> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<readonly string[]> {
    await this.supervisor.drain();
    await this.launchers.close();
    await Promise.all([this.#listener.close(), this.#outputs.close()]);
    const left = readdirSync(this.folder, { recursive: true }).map(String).filter((name) => !['run', 'work', 'processes'].includes(name));
    if (this.#clock.pending > 0) left.push(`${this.#clock.pending} wakes`);
    if (this.buffers.out > 0) left.push(`${this.buffers.out} send buffers`);
    this.#clock.close();
    rmSync(this.folder, { recursive: true, force: true });
    return left;
  }

  #happened(what: () => unknown): void {
    what();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  #log(): Log {
    const take = (level: string) => (fields: object, message: string): void => {
      this.#happened(() => this.logged.push({ level, fields: { ...fields }, message }));
    };
    return { debug: take('debug'), info: take('info'), warn: take('warn'), error: take('error') };
  }

  #meter(): Meter {
    const changed = (): void => this.#happened(() => {});
    return { cell: () => 0, add: changed, set: changed, observe: changed, forget: changed };
  }
}
