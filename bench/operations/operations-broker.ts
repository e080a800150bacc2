import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { residentBytes } from '../broker/rss.ts';
import { startBroker, waitUntilReady, type BrokerProcess } from '../demo/broker-process.ts';
import { listedSource } from '../load/listed-source.ts';
import { processCpuMicros } from '../load/process-cpu.ts';
import { runLoad } from '../load/run-load.ts';

const LAW = { per_batch_ms: 0.2, per_row_ms: 0.01 };
/** Long, so that what fails was failed, and was not only late. */
const SLO_MS = 2000;
const SECONDS = 3;
const WARM_UP_SECONDS = 1;
const POLL_MS = 20;
const GIVE_UP_MS = 60_000;
/** Each of a hundred models is a process that starts. */
const READY_MS = 300_000;
/** A hundred that start at once would starve a small machine for minutes. */
const PARALLEL_LOADS = 4;
/** After work there is still memory to be sorted and code to be compiled. */
const CALM_MS = 10_000;
const CONNECTIONS = 32;
/** Enough that a stall of a third of a second at a thousand a second is measured, and not refused. */
const OPEN_CONNECTIONS = 384;

const MODEL = { container: 'synthetic', output: { kind: 'value' }, options: LAW };
const appOf = (name: string): object => ({ name, arms: [name], output: 'value', slo_ms: SLO_MS, default: -1 });
const CONFIG = JSON.stringify({
  loading: { parallel: PARALLEL_LOADS },
  models: [{ name: 'moved', version: 1, ...MODEL, labels: ['stable'] }, { name: 'moved', version: 2, ...MODEL }, { name: 'other', version: 1, ...MODEL }],
  apps: [appOf('moved'), appOf('other')],
});

export interface LoadFigures {
  /** Queries of either model that no model answered. */
  readonly failed: number;
  /** Of the model that nothing is done to. */
  readonly p99Ms: number;
}

/** A broker with the model that operations are done to, `moved`, another one, `other`, and any number of further ones that nobody asks. */
export class OperationsBroker {
  readonly pid: number;
  readonly #broker: BrokerProcess;
  readonly #folder: string;
  readonly #maxLatenessMicros: number;
  readonly #seconds: number;
  #version = 2;

  private constructor(broker: BrokerProcess, folder: string, { maxLatenessMicros, seconds }: { maxLatenessMicros: number; seconds: number }) {
    this.#broker = broker;
    this.#folder = folder;
    this.#maxLatenessMicros = maxLatenessMicros;
    this.#seconds = seconds;
    this.pid = broker.pid;
  }

  /** `isBusy`: the machine may be too busy to keep a schedule, as where nothing is measured. */
  static async start({ further = 0, isBusy = false } = {}): Promise<OperationsBroker> {
    const folder = mkdtempSync(join(tmpdir(), 'tradewind-operations-'));
    const file = join(folder, 'tradewind.json');
    writeFileSync(file, CONFIG);
    const broker = new OperationsBroker(await startBroker(file), folder, isBusy ? { maxLatenessMicros: 10_000_000, seconds: 2 } : { maxLatenessMicros: 100_000, seconds: SECONDS });
    try {
      await waitUntilReady(broker.#broker.url, READY_MS);
      for (let n = 0; n < further; n++) await broker.#change('PUT', `models/further-${n}/versions/1`, MODEL);
      await waitUntilReady(broker.#broker.url, READY_MS);
    } catch (error) {
      await broker.stop();
      throw error;
    }
    return broker;
  }

  async stop(): Promise<void> {
    await this.#broker.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  residentMb(): number {
    return residentBytes(this.pid) / 2 ** 20;
  }

  /** What is measured, by its name. Each leaves two ready versions behind it. */
  operations(): Readonly<Record<string, () => Promise<void>>> {
    let stable = 1;
    const moveLabel = (): Promise<void> => this.#change('PUT', 'models/moved/labels/stable', { version: (stable = stable === 1 ? 2 : 1) });
    return {
      'version switch': () => this.switchVersion(),
      'label move': moveLabel,
      rollback: async () => {
        await moveLabel();
        await this.#change('POST', 'models/moved/labels/stable/rollback');
        stable = stable === 1 ? 2 : 1;
      },
      apply: () => this.#change('PUT', 'apps/moved', { arms: ['moved'], output: 'value', slo_ms: SLO_MS, default: -1, weight: 1 + Math.random() }),
      scale: async () => {
        await this.#change('PUT', 'models/moved/versions/1/replicas', { replicas: 2 });
        await this.#until((versions) => versions.length > 0);
        await this.#change('PUT', 'models/moved/versions/1/replicas', { replicas: 1 });
      },
    };
  }

  /** A further version comes, is ready, gets the traffic, and the one before it goes. */
  async switchVersion(): Promise<void> {
    const version = ++this.#version;
    await this.#change('PUT', `models/moved/versions/${version}`, { ...MODEL, warm_up: { sizes: [1, 8] } });
    await this.#until((versions) => versions.some((one) => one.version === version && one.state === 'ready'));
    await this.#change('PUT', 'models/moved/labels/stable', { version });
    if (version > 3) await this.#change('DELETE', `models/moved/versions/${version - 1}`);
  }

  /** Once nothing leaves or ends any more. */
  async settled(): Promise<void> {
    await this.#until((versions) => versions.every(({ state }) => state === 'ready'));
  }

  /** CPU of the broker's own process for one request to the model that nothing is done to, closed loop. */
  async requestMicros(requests: number): Promise<number> {
    const before = processCpuMicros(this.pid);
    const { answered, wrong, lost, unanswered } = await runLoad({ url: this.#broker.url, connections: CONNECTIONS, load: { kind: 'closed' }, requests, source: this.#source('other') });
    if (wrong + lost + unanswered > 0) throw new Error(`${wrong} wrong, ${lost} lost, ${unanswered} unanswered`);
    return (processCpuMicros(this.pid) - before) / answered;
  }

  #source(app: string): ReturnType<typeof listedSource> {
    return listedSource([{ path: `/v1/apps/${app}/predict`, host: new URL(this.#broker.url).host, body: '{"input":[1,2]}', contentType: 'application/json' }]);
  }

  /** Both models at this rate together; the operation is done in the middle. */
  async load(ratePerSecond: number, operation?: () => Promise<void>): Promise<LoadFigures> {
    const { url } = this.#broker;
    const play = (app: string) => runLoad({
      url, connections: OPEN_CONNECTIONS, load: { kind: 'open', arrivals: 'poisson', ratePerSecond: ratePerSecond / 2 }, seconds: this.#seconds, warmupSeconds: WARM_UP_SECONDS, sloMs: SLO_MS, maxLatenessMicros: this.#maxLatenessMicros,
      source: this.#source(app),
    });
    const acted = operation === undefined ? undefined : new Promise((resolve) => setTimeout(resolve, (WARM_UP_SECONDS + 0.5) * 1000)).then(operation);
    const [moved, other] = await Promise.all([play('moved'), play('other'), acted]);
    const failed = [moved, other].reduce((sum, report) => sum + report.measured - (report.sources['model'] ?? 0) + report.lost + report.unanswered + report.wrong, 0);
    return { failed, p99Ms: other.latencyMicros.p99 / 1000 };
  }

  /** Share of one core that the broker's own process takes while nobody asks. */
  async idleCpu(seconds: number): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, CALM_MS));
    const before = processCpuMicros(this.pid);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    return (processCpuMicros(this.pid) - before) / (seconds * 1e6);
  }

  async #until(isSo: (versions: readonly Version[]) => boolean): Promise<void> {
    for (const giveUpAt = Date.now() + GIVE_UP_MS; Date.now() < giveUpAt;) {
      const { versions } = (await (await fetch(`${this.#broker.url}/admin/versions`)).json()) as { versions: Version[] };
      if (isSo(versions.filter(({ model }) => model === 'moved'))) return;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    throw new Error(`an operation was not over within ${GIVE_UP_MS / 1000} s`);
  }

  async #change(method: 'PUT' | 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
    const reply = await fetch(`${this.#broker.url}/admin/${path}`, { method, headers: { 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  }
}

interface Version {
  readonly model: string;
  readonly version: number;
  readonly state: string;
}
