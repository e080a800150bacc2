import type { Settings } from './config/settings.ts';
import type { Directory } from './dispatch/directory.ts';
import type { AppAccess } from './domain/access.ts';
import type { Clock } from './domain/clock.ts';
import type { DoorTls } from './domain/door-tls.ts';
import type { FeedbackPort } from './domain/feedback.ts';
import type { Listening } from './domain/listening.ts';
import { modelKey, type DesiredState, type ModelKey } from './domain/model.ts';
import type { OperatorAccess } from './domain/operator-access.ts';
import type { AnswerSink, PredictPort } from './domain/ports.ts';
import type { Unready, WhyUnready } from './domain/served.ts';
import type { SlabPool } from './domain/slabs.ts';
import type { StatisticsSource } from './domain/statistics.ts';
import type { OipServiceParts } from './grpc/oip/service.ts';
import type { GrpcDoor } from './grpc/server.ts';
import { bearer, type AdminAccess } from './http/admin/access.ts';
import { OpenBodies } from './http/exchange/open-bodies.ts';
import { oipPlugin } from './http/oip/plugin.ts';
import type { HttpPlugin } from './http/http-plugin.ts';
import { tfsPlugin } from './http/tfs/plugin.ts';
import { ModelConfigs, type ModelOwner } from './lifecycle/model-configs.ts';
import { ModelLoading, type ReplicaSetter } from './lifecycle/model-loading.ts';
import type { CellMeter } from './metrics/cells.ts';
import { OpenCalls, answerRouter } from './protocols/open-calls.ts';
import { RefusedCount } from './protocols/refused-count.ts';
import type { AppTable } from './serving/selection/app-table.ts';
import { ServedTable } from './serving/selection/served-table.ts';
import { statisticsSource } from './serving/statistics.ts';

const COMING: Unready = Object.freeze({ kind: 'coming' });

export interface ForeignParts {
  readonly settings: Pick<Settings, 'listen' | 'limits'>;
  /** Undefined: in the clear. */
  readonly tls: DoorTls | undefined;
  readonly apps: AppTable;
  readonly directory: Directory;
  readonly access: AppAccess;
  readonly clock: Clock;
  readonly slabs: SlabPool;
  readonly meter: CellMeter;
  /** Of a version that cannot answer. */
  readonly unready: (key: ModelKey) => Unready;
  /** Why its replicas die again and again, for who may load it. */
  readonly failure: (key: ModelKey) => string | undefined;
  readonly owner: ReplicaSetter & ModelOwner;
  /** The rules of admin. */
  readonly operators: AdminAccess;
  readonly feedback: FeedbackPort;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
  /** Of the broker. */
  readonly version: string;
  readonly ready: () => boolean;
  readonly onFault: (fault: unknown, where: string) => void;
}

/**
 * The doors of the field's protocols, wired: what names mean to them, the queries that came through them, the gRPC door.
 * Life: construct, `connect` the road, `listen`, `stopAccepting`, `close`.
 */
export class Foreign {
  readonly served: ServedTable;
  readonly calls: OpenCalls;
  /** To be shared by whoever else reads bodies. */
  readonly bodies: OpenBodies;
  /** What these protocols add to the HTTP door. */
  readonly plugins: readonly HttpPlugin[];
  readonly #loading: ModelLoading;
  readonly #statistics: StatisticsSource;
  readonly #operators: OperatorAccess;
  readonly #listen: Settings['listen']['grpc'];
  readonly #parts: ForeignParts;
  readonly #refused: RefusedCount;
  #grpc: GrpcDoor | undefined;
  readonly #port: PredictPort;
  #road: PredictPort | undefined;
  #draining = false;

  constructor(parts: ForeignParts) {
    const { settings: { listen, limits }, clock, slabs } = parts;
    this.bodies = new OpenBodies(limits.openBodyBytes);
    this.served = new ServedTable(parts.apps, parts.directory);
    this.calls = new OpenCalls({ first: limits.openQueries, most: limits.openForeignQueries, slabs, onFault: (fault) => parts.onFault(fault, 'answer') });
    this.#refused = new RefusedCount(parts.meter);
    this.#port = {
      submit: (query) => this.#roadNow().submit(query),
      submitUnparsed: (query) => this.#roadNow().submitUnparsed(query),
      cancel: (slot) => this.#roadNow().cancel(slot),
    };
    this.#loading = new ModelLoading({ owner: parts.owner, clock, isReady: (key) => parts.directory.isReady(key), failure: parts.failure });
    this.#statistics = statisticsSource({ ...parts, cacheRows: (key) => cacheRows(parts.meter, key) });
    this.#operators = { caller: (authorization, door) => {
      const who = bearer(authorization, { ...parts.operators, loopback: listen[door]?.loopback === true });
      return typeof who === 'string' ? who : { code: who.code, message: who.message };
    } };
    this.#listen = listen.grpc;
    this.#parts = parts;
    this.plugins = [
      oipPlugin({
        ...this.#about(parts), maxBodyBytes: limits.bodyBytes, maxJsonBytes: limits.jsonAnswerBytes, maxOpenPerConnection: limits.openQueriesPerConnection, bodies: this.bodies, draining: () => this.#draining, onFault: parts.onFault,
      }),
      tfsPlugin({
        served: this.served, whyUnready: this.#whyUnready, road: this.#port, calls: this.calls, access: parts.access, slabs, clock, refused: this.#refused,
        maxBodyBytes: limits.bodyBytes, maxJsonBytes: limits.jsonAnswerBytes, maxOpenPerConnection: limits.openQueriesPerConnection, bodies: this.bodies, draining: () => this.#draining, onFault: parts.onFault,
      }),
    ];
  }

  /** Answers go to the door that they are for: `native` is the native API's. */
  answers(native: AnswerSink): AnswerSink {
    return answerRouter(native, this.calls);
  }

  /** Where queries go. Once, before `listen`. */
  connect(road: PredictPort): void {
    this.#road = road;
  }

  /** After the directory and the apps have been told. */
  apply(desired: DesiredState): void {
    this.served.apply(desired);
  }

  /** Who is ready, or dies again and again, or whether the broker is ready, may be otherwise than before. */
  readinessChanged(): void {
    this.#loading.replicasChanged();
    this.#grpc?.readinessChanged();
  }

  /** The address of the gRPC door; undefined where there is none. */
  async listen(): Promise<Listening | undefined> {
    if (this.#listen === undefined) return undefined;
    const { grpcDoor } = await import('./grpc-door.ts');
    const configs = new ModelConfigs({ owner: this.#parts.owner, loader: this.#loading });
    this.#grpc = grpcDoor({ ...this.#parts, ...this.#about(this.#parts), configs });
    return this.#grpc.listen(this.#listen);
  }

  stopAccepting(): void {
    this.#draining = true;
    this.#grpc?.stopAccepting();
  }

  /** Says how many calls lost their answer. */
  async close(withinMs: number): Promise<number> {
    return this.#grpc?.close(withinMs) ?? 0;
  }

  /** What both forms of the Open Inference Protocol need. */
  #about({ access, slabs, clock, version, ready }: ForeignParts): OipServiceParts {
    return {
      served: this.served, whyUnready: this.#whyUnready, road: this.#port, calls: this.calls, access, slabs, clock, statistics: this.#statistics, repository: this.#loading, operators: this.#operators,
      version, ready, refused: this.#refused,
    };
  }

  /** An app that is no model comes as long as one of its arms does. */
  readonly #whyUnready: WhyUnready = (name, version) => {
    const { apps, directory, unready } = this.#parts;
    const key = modelKey(name, version);
    if (directory.queue(key) !== undefined) return unready(key);
    const arms = (apps.get(name)?.arms ?? []).map(({ queue }): Unready => (queue === undefined ? COMING : unready(queue.key)));
    return arms.find(({ kind }) => kind === 'coming') ?? arms[0] ?? COMING;
  };

  #roadNow(): PredictPort {
    if (this.#road === undefined) throw new Error('a call came before the road was connected');
    return this.#road;
  }
}

/** Rows that the cache of a version answered or joined to a twin, and those that it did not. */
function cacheRows(meter: CellMeter, key: ModelKey): { hits: number; misses: number } {
  const counted = { hits: 0, misses: 0 };
  for (const { labels, values } of meter.read('tradewind_cache_rows_total')) {
    if (`${labels['model'] ?? ''}@${labels['version'] ?? ''}` === key) counted[labels['outcome'] === 'miss' ? 'misses' : 'hits'] += values[0] ?? 0;
  }
  return counted;
}
