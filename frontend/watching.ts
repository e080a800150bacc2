import { join } from 'node:path';
import process from 'node:process';
import type { DestinationStream, Logger, LoggerOptions } from 'pino';
import { pino } from 'pino';
import type { VersionLife } from './control/version-life.ts';
import { chosenVersions } from './control/version-policy.ts';
import type { BatchPicture, BrokerFigures, ModelFigures, Snapshot } from './dashboard/snapshot.ts';
import type { ModelQueue } from './dispatch/model-queue.ts';
import { RecentBatches } from './dispatch/recent-batches.ts';
import type { Clock } from './domain/clock.ts';
import type { Log } from './domain/log.ts';
import { modelKey, type DesiredState, type ModelKey, type ModelSpec } from './domain/model.ts';
import { appFigures, modelFigures } from './http/dashboard/figures.ts';
import type { AdminAccess } from './http/admin/access.ts';
import { dashboardPlugin, type DashboardPlugin } from './http/dashboard/dashboard.ts';
import type { Supervisor } from './lifecycle/supervisor.ts';
import { tellingLine } from './lifecycle/telling-line.ts';
import type { CellMeter } from './metrics/cells.ts';
import { HistoryKeeper } from './metrics/history/history-keeper.ts';
import { MOST_RECORD_BYTES } from './metrics/history/track-record.ts';
import { MOST_TRACKS, Watch, type Kind } from './metrics/history/watch.ts';
import type { Troubles } from './metrics/troubles.ts';
import { cpuTicks, stolenShare, type CpuTicks } from './runtime/stolen-time.ts';
import { HistoryFiles } from './storage/history-files.ts';

const TICK_MICROS = 1_000_000;
const PAST_MICROS = 5_000;
/** So long sampling holds the event loop before it lets batches by. */
const SLICE_MICROS = 500;
/** Sizes at which the law is drawn, at most. */
const MOST_LAW_POINTS = 96;
const WARNING = 40;
const ERROR = 50;

/** A logger whose warnings and errors are kept for people to look at, too. */
export function watchedLog(options: LoggerOptions, to: DestinationStream, troubles: Troubles): Logger {
  return pino({
    ...options,
    hooks: {
      logMethod(args, method, level) {
        const [fields, message] = args as [unknown, unknown];
        if (level >= WARNING && typeof fields === 'object' && fields !== null && typeof message === 'string') {
          troubles.add(level >= ERROR ? 'error' : 'warning', fields as Record<string, unknown>, message, Date.now());
        }
        method.apply(this, args);
      },
    },
  }, to);
}

type Pictured = Pick<ModelQueue, 'law' | 'spec' | 'recent'>;

export interface WatchingParts {
  readonly meter: CellMeter;
  readonly clock: Clock;
  readonly troubles: Troubles;
  readonly version: string;
  /** Who may see: as for admin. */
  readonly access: AdminAccess;
  readonly directory: { queue(key: ModelKey): Pictured | undefined };
  readonly supervisor: Pick<Supervisor, 'status'>;
  /** How each version lives, those of which nothing is started yet included. */
  readonly versions: () => ReadonlyMap<ModelKey, Pick<VersionLife, 'state'>>;
  readonly desired: () => DesiredState;
  readonly open: () => Pick<BrokerFigures, 'openQueries' | 'openFeedback'>;
  /** Of this machine, where left out. */
  readonly cpuTicks?: () => CpuTicks;
  readonly clockMovedMs?: () => number;
  /** What was before this start, and where it is kept; nowhere where left out. */
  readonly history?: HistoryKeeper;
}

/** The dashboard and the history that it shows, wired. */
export interface Watching {
  readonly plugin: DashboardPlugin;
  /** How everything stands now. */
  look(): Snapshot;
  /** Resolves once the history is saved. */
  close(): Promise<void>;
}

/** The histories of this broker, as it left them. */
export function openHistory(stateDir: string, log: Log): Promise<HistoryKeeper> {
  const files = new HistoryFiles({ folder: join(stateDir, 'history'), mostFiles: 2 * MOST_TRACKS + 2, mostBytes: MOST_RECORD_BYTES });
  return HistoryKeeper.open(files, { log, nowMs: Date.now() });
}

/** The meter is sampled once a second from now on, until `close`. */
export function openWatching(parts: WatchingParts): Watching {
  const { meter, clock, troubles, directory, history } = parts;
  const watch = new Watch(meter, history?.earlier);
  const ownFigures = new ProcessFigures(meter, { cpuTicks: parts.cpuTicks ?? cpuTicks, clockMovedMs: parts.clockMovedMs ?? clockMovedMs });
  const look = (): Snapshot => ({
    at: Date.now(), troubles: troubles.list,
    broker: { version: parts.version, ...ownFigures.figures, ...parts.open() },
    ...subjects(parts, watch),
  });
  const plugin = dashboardPlugin({
    access: parts.access, watch, look,
    picture: (key) => {
      const queue = directory.queue(key);
      if (queue !== undefined) return pictureOf(queue, watch.reading('model', key)?.gauges.get('planned') ?? 0);
      // One that rests is known, and has no queue.
      const spec = parts.desired().models[key];
      return spec === undefined ? undefined : pictureOf({ spec, law: undefined, recent: new RecentBatches() }, 0);
    },
  });
  let takeBack = (): void => undefined;
  const tick = (): void => {
    ownFigures.sample();
    inSlices(clock, watch.sampling(Date.now()), () => {
      plugin.tick();
      history?.tick(watch, Date.now(), (kind, name) => isWanted(parts.desired(), kind, name));
    });
    // Just past the whole second, so that each second is one step of the history.
    takeBack = clock.wakeAt(clock.now() + TICK_MICROS - (Date.now() % 1000) * 1000 + PAST_MICROS, tick);
  };
  tick();
  return {
    plugin, look,
    close: async () => {
      takeBack();
      await history?.close(watch);
    },
  };
}

/** Whether there is such an app or model version. Queries that name a model and no app are counted under the model's name. */
function isWanted({ apps, models }: DesiredState, kind: Kind, name: string): boolean {
  if (kind === 'app' && (apps[name] !== undefined || Object.values(models).some((spec) => spec.name === name))) return true;
  return kind === 'broker' || (kind === 'model' && models[name as ModelKey] !== undefined);
}

/** Does work step by step, and lets the event loop by after each slice. */
function inSlices(clock: Clock, work: Iterator<undefined>, done: () => void): void {
  const until = clock.now() + SLICE_MICROS;
  while (work.next().done !== true) if (clock.now() >= until) return clock.defer(() => inSlices(clock, work, done));
  done();
}

/** Apps and model versions as they are wanted, with what was counted of them. */
function subjects({ desired, supervisor, versions }: WatchingParts, watch: Watch): Pick<Snapshot, 'apps' | 'models'> {
  const state = desired();
  const chosen = chosenVersions(state);
  const told = new Map(supervisor.status().map((status) => [status.key, troubleOf(status)]));
  const lives = versions();
  return {
    apps: Object.values(state.apps).map(({ name, sloMs, policy, arms }) => (
      appFigures({ name, sloMs, policy, arms, steered: Object.keys(state.steering?.[name] ?? {}) }, watch.track('app', name))
    )),
    models: Object.values(state.models).map((spec) => {
      const key = modelKey(spec.name, spec.version);
      return modelFigures({ key, ...modelFacts(spec, state), ...(chosen.has(key) ? told.get(key) : { desired: 0 }), ...waitingOf(lives.get(key)) }, watch.track('model', key), watch.reading('model', key));
    }),
  };
}

function modelFacts({ name, version, sloMs, replicas }: ModelSpec, { labels }: DesiredState): { model: string; version: number; sloMs: number; desired: number; labels: string[] } {
  return { model: name, version, sloMs, desired: replicas, labels: Object.entries(labels[name] ?? {}).flatMap(([label, to]) => (to === version ? [label] : [])) };
}

/** Of a version whose replicas are not all ready: how many it should have, and why the first of those died; in its own words where it ended by itself. */
function troubleOf({ desired, ready, replicas }: ReturnType<Supervisor['status']>[number]): { desired: number; trouble?: string } {
  const dead = ready < desired ? replicas.find(({ state, reason }) => state !== 'ready' && reason !== undefined) : undefined;
  if (dead?.reason === undefined) return { desired };
  const line = dead.lastDeath?.cause === 'exited' && dead.lastDeath.reason === dead.reason ? tellingLine(dead.lastDeath.output) : undefined;
  return { desired, trouble: line === undefined ? dead.reason : `${dead.reason} (“${line}”)` };
}

function waitingOf(life: Pick<VersionLife, 'state'> | undefined): Pick<ModelFigures, 'waiting'> {
  if (life?.state.kind !== 'waiting') return {};
  const { why, text } = life.state;
  return { waiting: { why, ...(text === undefined ? {} : { text }) } };
}

/** What is drawn of a model version's batches. */
export function pictureOf({ law, spec, recent }: Pictured, plannedRows: number): BatchPicture {
  const { maxBatch, controller } = spec.batching;
  const known = law !== undefined && law.meanMicros(1) > 0 ? law : undefined;
  const batches = recent.list();
  const reachRows = Math.min(maxBatch, known?.reachRows ?? 1);
  const most = Math.max(reachRows, ...batches.map(({ rows }) => rows));
  const sizes = known === undefined ? [] : sizesUpTo(Math.min(maxBatch, most * 2));
  return {
    controller, sloMs: spec.sloMs, maxBatch, reachRows, plannedRows,
    law: sizes.map((rows) => ({ rows, meanMs: (known?.meanMicros(rows) ?? 0) / 1000, tailMs: (known?.tailMicros(rows) ?? 0) / 1000 })),
    batches: batches.map(({ rows, micros }) => [rows, micros / 1000]),
  };
}

/** Rising from 1, each a whole number, closer together where they are small. */
function sizesUpTo(most: number): readonly number[] {
  const sizes = new Set<number>();
  for (let i = 0; i < MOST_LAW_POINTS; i++) sizes.add(Math.max(1, Math.round(most * (i / (MOST_LAW_POINTS - 1)) ** 1.5)));
  return [...sizes];
}

/** The monotonic clock does not go on while a machine sleeps, and is not set. */
function clockMovedMs(): number {
  return Date.now() - performance.timeOrigin - performance.now();
}

/** Samples between two readings of what is stolen: where there are many cores, the kernel writes a long text each time. */
const STOLEN_EVERY = 10;

/** What the process itself takes, and what its machine leaves it, between one sample and the next. */
class ProcessFigures {
  readonly #startedAt = Date.now();
  #cpu = process.cpuUsage();
  #loop = performance.eventLoopUtilization();
  #at = performance.now();
  readonly #meter: CellMeter;
  readonly #busy: number;
  readonly #stolen: number;
  #samples = 0;
  readonly #cpuTicks: () => CpuTicks;
  readonly #clockMovedMs: () => number;
  #ticks: CpuTicks;
  #ticksAt = this.#at;
  figures = { startedAt: this.#startedAt, cpu: 0, loopBusy: 0, stolen: 0, clockMovedMs: 0, memoryBytes: 0 };

  constructor(meter: CellMeter, machine: { readonly cpuTicks: () => CpuTicks; readonly clockMovedMs: () => number }) {
    this.#meter = meter;
    this.#cpuTicks = machine.cpuTicks;
    this.#clockMovedMs = machine.clockMovedMs;
    this.#ticks = machine.cpuTicks();
    this.#busy = meter.cell('tradewind_loop_busy_seconds_total');
    this.#stolen = meter.cell('tradewind_stolen_seconds_total');
  }

  sample(): void {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const { utilization, active } = performance.eventLoopUtilization(this.#loop);
    this.#meter.add(this.#busy, Math.round(active * 1000));
    if (++this.#samples % STOLEN_EVERY === 0) this.#readStolen(now);
    this.figures = { ...this.figures, cpu: round((user + system) / 1000 / Math.max(1, now - this.#at)), loopBusy: round(utilization), clockMovedMs: Math.round(this.#clockMovedMs()), memoryBytes: process.memoryUsage.rss() };
    this.#cpu = process.cpuUsage();
    this.#loop = performance.eventLoopUtilization();
    this.#at = now;
  }

  #readStolen(now: number): void {
    const ticks = this.#cpuTicks();
    const share = stolenShare(this.#ticks, ticks);
    this.#meter.add(this.#stolen, Math.round(share * (now - this.#ticksAt) * 1000));
    this.figures = { ...this.figures, stolen: round(share) };
    this.#ticks = ticks;
    this.#ticksAt = now;
  }
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
