import { readFile } from 'node:fs/promises';
import type { Settings } from './config/settings.ts';
import type { Directory } from './dispatch/directory.ts';
import type { LatencyKeeper } from './dispatch/latency-keeper.ts';
import type { Clock } from './domain/clock.ts';
import type { Log } from './domain/log.ts';
import type { Meter } from './domain/meter.ts';
import type { DesiredState, ModelKey } from './domain/model.ts';
import type { NoteStore } from './domain/note-store.ts';
import type { Runtime } from './domain/runtime.ts';
import type { Unready } from './domain/served.ts';
import type { SlabPool } from './domain/slabs.ts';
import type { SourceStatus } from './domain/source.ts';
import { CarryOut } from './lifecycle/carry-out.ts';
import type { DesiredStateOwner } from './lifecycle/desired-state-owner.ts';
import { freeBytes } from './lifecycle/free-memory.ts';
import { LoadMemory } from './lifecycle/load-memory.ts';
import { PoliteStarts } from './lifecycle/runtimes/polite-starts.ts';
import { ProcessNice } from './lifecycle/runtimes/process-nice.ts';
import { FolderSource } from './lifecycle/sources/folder-source.ts';
import { Sources } from './lifecycle/sources/sources.ts';
import { versionStatus, whyUnready, type VersionStatus } from './lifecycle/version-status.ts';
import { Supervisor } from './lifecycle/supervisor.ts';
import { WarmUps } from './lifecycle/warm-up.ts';
import { parseRecordedBody } from './recorded-body.ts';

/** How long the rows of a version that is no longer wanted may take. */
const RETIRE_MICROS = 30_000_000;
/** How often it is noted what memory replicas take, and every which time that is saved. */
const NOTE_MICROS = 5_000_000;
const SAVED_NOTE = 12;
const MIB = 1024 * 1024;

/** Everything that brings the versions of models to life and to their end, wired. */
export interface Versions {
  readonly supervisor: Supervisor;
  readonly carryOut: CarryOut;
  /** This is wanted from now on. */
  apply(desired: DesiredState): void;
  /** Sources tell this owner what they hold; once, before the first `apply`. */
  follow(owner: Pick<DesiredStateOwner, 'applySource'>): void;
  sources(): readonly SourceStatus[];
  /** Of one that cannot answer. */
  unready(key: ModelKey): Unready;
  /** Why its replicas die again and again, with the last words of one, a line each; undefined where they do not. */
  failure(key: ModelKey): string | undefined;
  /** Every version that is not gone. */
  status(): readonly VersionStatus[];
  close(): Promise<void>;
}

export interface VersionsParts {
  readonly settings: Pick<Settings, 'drainMs' | 'loading' | 'dial'>;
  readonly store: NoteStore;
  readonly runtimes: { readonly local: Runtime; readonly external: Runtime };
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly slabs: SlabPool;
  readonly directory: Directory;
  readonly latencies: LatencyKeeper;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
  /** Queries go by this from now on; the directory has it already. */
  readonly route: (state: DesiredState) => void;
  /** A replica came or went, or what is wanted is otherwise: who is ready, and whether the broker is, may have changed. */
  readonly onReadiness: () => void;
}

export async function openVersions(parts: VersionsParts): Promise<Versions> {
  const { settings, clock, log, directory } = parts;
  const memory = await LoadMemory.open({ serving: () => serving(supervisor), freeBytes, reserveBytes: settings.loading.memoryReserveMb * MIB, store: parts.store, log });
  let looks = 0;
  const stopNoting = every(clock, NOTE_MICROS, () => {
    memory.look();
    if (++looks % SAVED_NOTE === 0) void memory.save();
  });
  const supervisor: Supervisor = openSupervisor(parts, () => carryOut);
  const carryOut: CarryOut = new CarryOut({
    clock, log, retireMicros: RETIRE_MICROS, parallelLoads: settings.loading.parallel,
    isReady: (key) => directory.isReady(key), isPresent: (key) => supervisor.has(key), unsettled: () => directory.unsettled(),
    bytesOf: (spec) => memory.bytesOf(spec), availableBytes: () => memory.availableBytes(),
    route: (state) => {
      directory.apply(state);
      parts.route(state);
    },
    supervise: (state) => supervisor.apply(state),
    onLooked: parts.onReadiness,
  });
  let sources: Sources | undefined;
  return {
    supervisor, carryOut,
    apply: (desired) => {
      carryOut.apply(desired);
      sources?.apply(desired.sources ?? []);
    },
    follow: (owner) => {
      const epochMs = (): number => Math.floor((clock.now() + parts.epochOffsetMicros) / 1000);
      sources = new Sources({ owner, log, open: (spec) => new FolderSource({ spec, clock, log, epochMs, dialAllow: settings.dial.allow }) });
    },
    sources: () => sources?.status() ?? [],
    unready: (key) => whyUnready(carryOut.versions.get(key), supervisor.failure(key)),
    failure: (key) => {
      const reason = supervisor.failure(key);
      return reason === undefined ? undefined : [reason, ...supervisor.lastWords(key)].join('\n  ');
    },
    status: () => [...carryOut.versions.values()].map((life) => versionStatus(life, clock.now())),
    close: async () => {
      sources?.stop();
      carryOut.stop();
      stopNoting();
      memory.look();
      await Promise.all([memory.save(), supervisor.drain()]);
    },
  };
}

/** Replicas that are nice and unknown to the directory until they are warm. */
function openSupervisor({ settings, runtimes, clock, log, meter, slabs, directory, latencies, onReadiness }: VersionsParts, carryOut: () => CarryOut): Supervisor {
  const local = new PoliteStarts(runtimes.local, settings.loading.nice, new ProcessNice(clock));
  const replicasChanged = (): void => carryOut().replicasChanged();
  const warmUps = new WarmUps({
    clock, log, slabs,
    readText: (path) => readFile(path, 'utf8'), parseBody: (body, inputs) => parseRecordedBody(body, inputs, slabs),
    learn: (key, sample) => latencies.observe(key, sample),
    onWarm: (key, link) => {
      local.warm(link.id);
      directory.ready(key, link);
      // In the same turn: batches leave after it, so that none meets replicas of two signatures, and the version is ready throughout.
      supervisor.serves(link);
      supervisor.warming(link, false);
      replicasChanged();
    },
    onFailed: (link, reason) => supervisor.hung(link, reason),
  });
  const supervisor: Supervisor = new Supervisor({
    runtimes: { local, external: runtimes.external }, clock, log, meter, random: Math.random,
    policy: { drainTimeoutMicros: settings.drainMs * 1000 },
    onReady: (_, link, spec) => {
      if (warmUps.begin(link, spec)) supervisor.warming(link, true);
    },
    onGone: (key, link) => {
      if (!warmUps.gone(link)) directory.gone(key, link);
      replicasChanged();
    },
    onCredit: (key, link) => {
      if (!warmUps.credit(link)) directory.pull(key);
    },
    onDied: (key, reason) => {
      carryOut().replicaDied(key, reason);
      onReadiness();
    },
    onForgotten: replicasChanged,
  });
  return supervisor;
}

/** Of each replica that serves and that we started, what it takes. */
function serving(supervisor: Supervisor): readonly { key: ModelKey; memoryMb: number }[] {
  return supervisor.status().flatMap(({ key, replicas }) => replicas.flatMap(({ state, memoryMb }) => (state === 'ready' && memoryMb !== undefined ? [{ key, memoryMb }] : [])));
}

/** Again and again, until what is returned is called. */
function every(clock: Clock, micros: number, run: () => void): () => void {
  let stop = (): void => undefined;
  const next = (): void => {
    stop = clock.wakeAt(clock.now() + micros, () => {
      run();
      next();
    });
  };
  next();
  return () => stop();
}
