import { randomBytes } from 'node:crypto';
import { extname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { trace } from '@opentelemetry/api';
import { pino, type Logger } from 'pino';
import { adminSelection } from './admin-selection.ts';
import { Batcher, type BatcherOptions } from './batching/batcher.ts';
import { AimdController } from './batching/controllers/aimd.ts';
import type { Controller } from './batching/controller.ts';
import { FixedController } from './batching/controllers/fixed.ts';
import { PlannerController } from './batching/controllers/planner.ts';
import { QuantileController } from './batching/controllers/quantile.ts';
import { PredictionCache } from './cache/prediction-cache.ts';
import { rowHasher } from './cache/row-key.ts';
import type { LoadedConfig } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { Directory } from './dispatch/directory.ts';
import { LatencyKeeper } from './dispatch/latency-keeper.ts';
import { ModelMeters } from './dispatch/model-meters.ts';
import { ModelQueue } from './dispatch/model-queue.ts';
import type { CacheParts } from './dispatch/twins.ts';
import type { BatchingSpec } from './domain/model.ts';
import { adminPlugin } from './http/admin/admin.ts';
import { feedbackPlugin } from './http/feedback.ts';
import { HttpDoor } from './http/server.ts';
import { tensorJson } from './http/tensor-json.ts';
import { DoorCertificates, tlsAt } from './door-certificates.ts';
import { Foreign } from './foreign.ts';
import { openLearning, receiptKeys, type Learning } from './learning.ts';
import { Operators } from './operations.ts';
import type { CarryOut } from './lifecycle/carry-out.ts';
import { applyConfig, mergeFaults, readConfigFile, type FileResult, type Surroundings } from './lifecycle/desired-file.ts';
import { DesiredStateOwner } from './lifecycle/desired-state-owner.ts';
import { lenientAudit } from './lifecycle/lenient-audit.ts';
import { ExternalRuntime } from './lifecycle/runtimes/external.ts';
import { Launchers } from './lifecycle/runtimes/launcher/launchers.ts';
import { LocalRuntime } from './lifecycle/runtimes/local.ts';
import { CellMeter } from './metrics/cells.ts';
import { Exposition } from './metrics/exposition.ts';
import { Troubles } from './metrics/troubles.ts';
import { FrameDialler } from './rpc/dialler.ts';
import { ReplicaListener } from './rpc/listener.ts';
import { ServerDialler } from './rpc/oip/server-dialler.ts';
import { OutputListener } from './rpc/output-listener.ts';
import { SendBuffers } from './rpc/send-buffers.ts';
import { packageVersion } from './package-version.ts';
import { processorWaits } from './runtime/processor-waits.ts';
import { RealClock } from './runtime/real-clock.ts';
import { sharedReads } from './runtime/shared-reads.ts';
import { RecordingRoad } from './serving/recording/recording-road.ts';
import { RecordingFiles } from './storage/recording-files.ts';
import { SlabArena } from './runtime/slab-arena.ts';
import { ThreadAlarm } from './runtime/thread-alarm.ts';
import { AppTokens } from './serving/access.ts';
import { AppTable } from './serving/selection/app-table.ts';
import { PolicyFaults } from './serving/selection/policy-faults.ts';
import { Predict } from './serving/predict.ts';
import { DecisionIds, DerivedKeys, Receipts } from './serving/decisions/receipt.ts';
import { openSqliteStore, type SqliteStore } from './storage/sqlite/store.ts';
import { RoadTracer } from './tracing/road-tracer.ts';
import { openVersions, type Versions } from './versions.ts';
import { openHistory, openWatching, watchedLog } from './watching.ts';

/** A watchdog may be silent for fifteen seconds; each beat of each replica costs the broker a turn, also where nobody asks anything. */
const HEARTBEAT_MS = 5_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** A server of somebody else: how long a question about its health may take, and how often there is one. */
const SERVER_TIMEOUT_MS = 4_000;
const PROBE_MS = 1_000;
const MAX_CONTAINER_CONNECTIONS = 4_096;
const LONGEST_WAIT_MICROS = 60_000_000;
const CHECKED = 'TRADEWIND_CHECKED';

export interface Broker {
  readonly url: string;
  /** Not ready from now on; finishes what was accepted, drains the replicas, gives everything back. */
  stop(): Promise<void>;
}

/**
 * The composition root: only here environment, real clock, randomness, sockets and signals meet. Resolves once the door
 * listens; models become ready one after another (`/readyz`). Rejects with the reason where it cannot start.
 */
export async function startBroker({ config, configPath }: { config: LoadedConfig; configPath: string }): Promise<Broker> {
  const { settings } = config;
  const troubles = new Troubles();
  const log = watchedLog({ level: settings.log.level, base: { broker: process.pid } }, pino.destination({ dest: 2, sync: false }), troubles);
  const opened: Closable[] = [];
  try {
    const store = await openSqliteStore(settings.stateDir);
    opened.push(store);
    const core = await compose(config, store, { log, opened, troubles });
    const started = await core.owner.applyFile(config.wanted, { always: true, by: { who: 'file', what: `start ${configPath}` } });
    if (!started.ok) throw new Error(mergeFaults(configPath, started.error).join('\n'));
    await core.learning.ready();
    const surroundings = { environment: process.env, workingFolder: process.cwd() };
    const { url } = await core.door.listen(settings.listen.http);
    const grpc = await core.foreign.listen();
    opened.push(await core.operators.listen({ running: config, surroundings, owner: core.owner, door: core.door, renew: (dryRun) => core.certificates?.reload(dryRun), stores: { state: store, feedback: core.learning.store } }));
    log.info({ url, ...(grpc === undefined ? {} : { grpc: grpc.url }), pid: process.pid, stateDir: settings.stateDir }, 'listening');
    const stop = once(() => shutDown(core, { opened, settings, log }));
    handleSignals({ stop, log, reload: () => reload(core, { running: config, configPath, surroundings, log }) });
    return { url, stop };
  } catch (thrown) {
    await closeAll(opened);
    throw thrown;
  }
}

interface Closable {
  close(): Promise<void> | void;
}

/** The last opened first: containers end before the socket that they hold on to, and the clock stops when nobody waits. */
async function closeAll(opened: readonly Closable[]): Promise<void> {
  for (const resource of opened.toReversed()) await resource.close();
}

interface Core {
  readonly owner: DesiredStateOwner;
  readonly door: HttpDoor;
  readonly operators: Operators;
  readonly foreign: Foreign;
  readonly predict: Predict;
  readonly learning: Learning;
  readonly certificates: DoorCertificates | undefined;
}

/** Everything that a broker is made of, wired, before it listens. */
async function compose({ settings, policies, path }: Pick<LoadedConfig, 'settings' | 'policies' | 'path'>, store: SqliteStore, { log, opened, troubles }: { log: Logger; opened: Closable[]; troubles: Troubles }): Promise<Core> {
  const clock = new RealClock(new ThreadAlarm(), processorWaits());
  // Who need not wake to a tenth of a millisecond costs an idle broker half as much without the alarm's thread.
  const chores = new RealClock();
  opened.unshift(clock, chores);
  // As early as can be: beside all that follows it gets ready, and the broker is small when it forks it.
  const launchers = new Launchers({ clock: chores, log, host: { node: process.execPath, env: process.env } });
  opened.push(launchers);
  const meter = new CellMeter();
  const exposition = new Exposition(meter, { processMetrics: true });
  const slabs = new SlabArena({ poison: process.env[CHECKED] === '1' });
  const hash = rowHasher(secretWords());
  const cache: CacheParts['cache'] = new PredictionCache({ maxBytes: settings.cache.maxBytes, slabs, seed: secretWords() });

  const latencies = await LatencyKeeper.open({ store, clock: chores, log });
  opened.push(latencies);
  const directory = new Directory((key, spec) => {
    const latency = latencies.begin(spec, spec.batching.quantile);
    return new ModelQueue({
      key, spec, clock, latency, cache: { cache, slabs, meter },
      batcher: new Batcher({ controller: controllerOf(spec.batching), latency, maxQueueRows: spec.batching.maxQueueRows, hash, ...batchingLimits(spec.batching) }),
      meters: new ModelMeters(meter, spec.name, spec.version), ...(tracer === undefined ? {} : { tracer }),
      onHung: (link, why) => supervisor.hung(link, why),
    });
  });
  const epochOffsetMicros = Date.now() * 1000 - clock.now();
  const policyFaults = new PolicyFaults({ clock, meter, log });
  const apps = new AppTable({
    directory, slabs, meter, epochOffsetMicros, policies, cells: { snapshot: (app) => learning.cells.snapshot(app) },
    keys: { ofKey: (app, context) => learning.keys.ofKey(app, context), held: (app, most) => learning.keys.held(app, most) }, onPolicyFault: policyFaults.report,
    onSteered: (app, steering) => log.info({ app, steering }, 'the operator steers the selection of an app'),
  });
  const keys = await receiptKeys(settings, store);
  const newest = keys.at(-1);
  if (newest === undefined) throw new Error('there is no receipt key');
  const receipts = new Receipts(keys);
  const derived = new DerivedKeys(newest.secret, keys[0]?.secret);
  const access = new AppTokens({ clock, meter });
  const learning: Learning = await openLearning({ settings, apps, access, receipts, keys, clock, epochOffsetMicros, meter, log });
  opened.push(learning);

  const versions: Versions = await openVersions({
    settings, store, clock: chores, log, meter, slabs, directory, latencies, epochOffsetMicros, runtimes: await openRuntimes(settings, { clock: chores, log, meter, slabs, launchers, opened }),
    route: (state) => {
      latencies.retain(state.models);
      access.apply(state.apps);
      apps.apply(state);
      foreign.apply(state);
      policyFaults.keep(state.apps);
      learning.serve(Object.values(state.apps));
      road.apply(state.apps);
    },
    onReadiness: () => foreign.readinessChanged(),
  });
  opened.push(versions);
  const { supervisor, carryOut } = versions;
  const owner = await DesiredStateOwner.open({ store, policies, apply: (desired) => versions.apply(desired), isReady: (key) => directory.isReady(key) });
  versions.follow(owner);

  const operators = await Operators.open(settings, store, log);
  const certificates = DoorCertificates.open(settings.listen, log);
  if (certificates !== undefined) exposition.gauge('tradewind_certificate_end_seconds', {}, () => certificates.endsAtMicros);
  const foreign: Foreign = new Foreign({
    settings, tls: certificates, apps, directory, access, clock, slabs, meter, unready: (key) => versions.unready(key), failure: (key) => versions.failure(key), owner, operators: operators.access, feedback: learning.feedback, epochOffsetMicros, version: packageVersion(), ready: () => carryOut.isReady,
    onFault: (err, where) => log.error({ err, where }, 'a fault of the broker'),
  });
  const startedAt = new Date().toISOString();
  const watching = openWatching({
    meter, clock: chores, troubles, version: packageVersion(), directory, supervisor, desired: () => owner.current, versions: () => carryOut.versions,
    access: operators.access, history: await openHistory(settings.stateDir, log),
    open: () => ({ openQueries: predict.open, openFeedback: learning.feedback.open }),
  });
  opened.push(watching);
  const recordings = new RecordingFiles(join(settings.stateDir, 'recordings'), log);
  opened.push(recordings);
  const door = new HttpDoor({
    clock, meter, slabs, apps, isModel: (name) => !('missing' in foreign.served.find(name)), access,
    allowedHosts: settings.listen.allowedHosts, cors: settings.listen.cors, ...tlsAt(settings.listen.http, certificates), instance: randomBytes(6).toString('base64url'), version: packageVersion(),
    limits: settings.limits,
    bodies: foreign.bodies,
    health: {
      readiness: () => readiness(carryOut),
      metrics: async () => ({ contentType: exposition.contentType, text: await exposition.render() }),
    },
    plugins: [...foreign.plugins, feedbackPlugin({ port: learning.feedback, maxItems: settings.limits.feedbackItems }), adminPlugin({
      owner, settings, cache, selection: adminSelection({ apps, learning, keys: derived, clock, log }), recordings,
      replicas: supervisor, access: operators.access, tokens: operators.tokens, audit: lenientAudit(store, log), log, policies: () => policies.values(),
      broker: () => ({
        version: packageVersion(), node: process.version, pid: process.pid, startedAt, configFile: path, url: door.url, ...readiness(carryOut),
        draining: door.draining, openQueries: predict.open, residentBytes: process.memoryUsage.rss(),
      }),
      sources: () => versions.sources(), versions: () => versions.status(),
      status: (key) => supervisor.status().find((model) => model.key === key),
    }), watching.plugin],
    onFault: (err, requestId) => log.error({ err, requestId }, 'a fault of the broker'),
  });

  const answers = foreign.answers(door.answers);
  const tracer = settings.tracing.enabled ? new RoadTracer({ tracer: trace.getTracer('tradewind', packageVersion()), clock, epochOffsetMicros, sink: answers }) : undefined;
  const predict = new Predict({
    apps, directory, clock, slabs,
    receipts, ids: new DecisionIds(randomBytes(6)), keys: derived,
    epochOffsetMicros, journal: learning.journal, teach: (own) => learning.feedback.giveOwn(own),
    maxOpen: settings.limits.openQueries, maxWaitMicros: LONGEST_WAIT_MICROS,
    sink: tracer ?? answers,
  });
  tracer?.connect(predict);
  const road = new RecordingRoad({ road: tracer ?? predict, store: recordings, tensorText: (tensor) => tensorJson({ ...tensor, name: '' }), meter, random: Math.random, epochOffsetMicros });
  door.connect(road);
  foreign.connect(road);
  exposition.gauge('tradewind_missing_versions', {}, () => carryOut.missing.length);
  exposition.gauge('tradewind_open_queries', {}, () => predict.open);
  exposition.gauge('tradewind_cache_bytes', {}, () => cache.bytes);
  exposition.gauge('tradewind_cache_entries', {}, () => cache.entries);
  exposition.gauge('tradewind_held_keys_bytes', {}, () => learning.keys.bytes);
  exposition.gauge('tradewind_open_feedback', {}, () => learning.feedback.open);
  exposition.gauge('tradewind_slab_bytes', {}, () => slabs.usedBytes);
  return { owner, door, operators, foreign, predict, learning, certificates };
}

/** A key for a hash whose collisions nobody outside may bring about. */
function secretWords(): [number, number] {
  const bytes = randomBytes(8);
  return [bytes.readInt32LE(0), bytes.readInt32LE(4)];
}

function batchingLimits({ maxBatch, maxDelayMs, allowedBatchSizes }: BatchingSpec): Pick<BatcherOptions, 'maxRows' | 'maxDelayMicros' | 'allowedRows'> {
  return {
    maxRows: maxBatch,
    ...(maxDelayMs === undefined ? {} : { maxDelayMicros: Math.round(maxDelayMs * 1000) }),
    ...(allowedBatchSizes === undefined ? {} : { allowedRows: allowedBatchSizes }),
  };
}

function controllerOf(spec: BatchingSpec): Controller {
  switch (spec.controller) {
    case 'planner': return new PlannerController(spec.allowedBatchSizes === undefined ? spec : { ...spec, allowedRows: spec.allowedBatchSizes });
    case 'fixed': return new FixedController(spec);
    case 'aimd': return new AimdController(spec);
    case 'quantile': return new QuantileController(spec);
  }
}

async function openRuntimes(
  settings: Settings,
  { clock, log, meter, slabs, launchers, opened }: { clock: RealClock; log: Logger; meter: CellMeter; slabs: SlabArena; launchers: Launchers; opened: Closable[] },
): Promise<{ local: LocalRuntime; external: ExternalRuntime }> {
  const buffers = new SendBuffers();
  const admission = { buffers, slabs, heartbeatMs: HEARTBEAT_MS };
  const listener = await ReplicaListener.open({
    ...admission, folder: join(settings.stateDir, 'containers'), clock, log,
    handshakeTimeoutMs: HANDSHAKE_TIMEOUT_MS, maxConnections: MAX_CONTAINER_CONNECTIONS, adopt: sharedReads,
  });
  opened.push(listener);
  const outputs = await OutputListener.open({ folder: join(settings.stateDir, 'containers'), clock });
  opened.push(outputs);
  const local = new LocalRuntime({
    door: listener, outputs, launchers, clock, log, meter, stateFolder: settings.stateDir,
    host: { node: process.execPath, builtins: { onnx: beside('../model-containers/onnx/main.ts'), synthetic: beside('../model-containers/synthetic/main.ts'), python: beside('../model-containers/python'), tensorflow: beside('../model-containers/tensorflow/main.ts'), typescript: beside('../model-containers/typescript/main.ts') }, env: process.env },
  });
  await local.reap();
  const external = new ExternalRuntime({
    frames: new FrameDialler({ ...admission, clock, timeoutMs: HANDSHAKE_TIMEOUT_MS }),
    oip: new ServerDialler({ buffers, clock, timeoutMs: SERVER_TIMEOUT_MS, probeMs: PROBE_MS }),
  });
  return { local, external };
}

/** A program of ours, by its place in a checkout; the extension is this file's own, .js where the package was built. */
function beside(path: string): string {
  return fileURLToPath(new URL(path.replace(/\.ts$/, extname(import.meta.url)), import.meta.url));
}

function readiness({ isReady, missing }: CarryOut): { ready: boolean; missing: readonly string[] } {
  return { ready: isReady, missing };
}

interface Reload {
  readonly running: Pick<LoadedConfig, 'settings' | 'policies'>;
  readonly configPath: string;
  readonly surroundings: Surroundings;
  readonly log: Logger;
}

async function reload(core: Core, { running, configPath, surroundings, log }: Reload): Promise<FileResult> {
  core.operators.readTokenFile();
  core.certificates?.reload();
  const result = await applyConfig({ owner: core.owner, running, read: readConfigFile(configPath, surroundings), by: { who: 'file', what: `reload ${configPath}` } });
  if (!result.ok) log.error({ faults: result.faults }, 'the configuration file was refused whole; what ran goes on');
  else log.info({ diff: result.changed.diff, atNextStart: result.atNextStart }, 'the configuration file was applied');
  return result;
}

async function shutDown(core: Core, { opened, settings, log }: { opened: readonly Closable[]; settings: Settings; log: Logger }): Promise<void> {
  log.info({ open: core.predict.open }, 'draining');
  core.door.stopAccepting();
  core.foreign.stopAccepting();
  const [lost, lostCalls] = await Promise.all([core.door.close(settings.drainMs), core.foreign.close(settings.drainMs)]);
  core.predict.drain();
  await core.owner.settled();
  await closeAll(opened);
  log.info({ lost: lost + lostCalls }, 'stopped');
  await new Promise<void>((resolve) => log.flush(() => resolve()));
}

/** The first SIGTERM or SIGINT drains, a second one ends at once; SIGHUP reads the configuration file again. */
function handleSignals({ stop, reload: again, log }: { stop: () => Promise<void>; reload: () => Promise<unknown>; log: Logger }): void {
  let stopping = false;
  const end = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, 'asked to stop');
    stop().then(() => process.exit(0), (err: unknown) => {
      log.fatal({ err }, 'the stop failed');
      process.exit(1);
    });
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('SIGHUP', () => void again().catch((err: unknown) => log.error({ err }, 'the configuration file could not be applied')));
}

function once<T>(run: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= run());
}
