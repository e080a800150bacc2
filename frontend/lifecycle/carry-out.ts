import { effectiveState } from '../control/effective-state.ts';
import { NOTHING_STANDS, lookAtReadiness, type Standing } from '../control/readiness.ts';
import { fallbackVersions } from '../control/version-fallback.ts';
import { isSupervised, type VersionLife } from '../control/version-life.ts';
import { NO_VERSIONS, lookAtVersions, type Versions } from '../control/version-loads.ts';
import { chosenVersions, namedVersions, withChosen } from '../control/version-policy.ts';
import type { Clock, Micros } from '../domain/clock.ts';
import type { Log } from '../domain/log.ts';
import { EMPTY_DESIRED_STATE, nameRecord, type DesiredState, type ModelKey, type ModelSpec } from '../domain/model.ts';

/** Who carries desired state out, in the order in which it must happen. */
export interface CarryOutParts {
  readonly clock: Clock;
  readonly log: Log;
  /** A warm replica of the version takes batches. */
  readonly isReady: (key: ModelKey) => boolean;
  /** Some replica of the version has not ended yet. */
  readonly isPresent: (key: ModelKey) => boolean;
  /** Queries go by this from now on. */
  readonly route: (state: DesiredState) => void;
  /** Versions that `route` dropped, and of which rows have not settled yet. */
  readonly unsettled: () => ReadonlySet<ModelKey>;
  /** Replicas are started and ended so that these versions, and no others, have theirs. */
  readonly supervise: (state: DesiredState) => void;
  /** A look is over: who is ready, and whether the broker is, may be otherwise than before. */
  readonly onLooked?: () => void;
  /** Bytes that a load of the version takes, and that there are; undefined where nobody knows. */
  readonly bytesOf?: (spec: ModelSpec) => number | undefined;
  readonly availableBytes?: () => number | undefined;
  /** Loads that may go on at a time, the first start excepted. */
  readonly parallelLoads: number;
  /** How long the rows of a dropped version may take before its replicas are drained all the same. */
  readonly retireMicros: Micros;
}

/** How soon there is another look while rows settle, and while a load waits for memory. */
const SETTLING_LOOK_MICROS = 5_000;
const MEMORY_LOOK_MICROS = 5_000_000;
/** Each look makes moves, or is the last; a version has no more than a few before it must wait for something. */
const MOST_TURNS = 10_000;

/**
 * Brings the broker from what it runs to what is desired without a failed query: new versions start first, queries move
 * once they are ready, and an old version's replicas go when the last of its rows has settled. What is decided is in
 * `control/`; here it is looked at and carried out.
 */
export class CarryOut {
  readonly #parts: CarryOutParts;
  #desired: DesiredState = EMPTY_DESIRED_STATE;
  #running: DesiredState | undefined;
  #versions: Versions = NO_VERSIONS;
  #standing: Standing = NOTHING_STANDS;
  /** Why a replica died before its version was ever ready. */
  readonly #failed = new Map<ModelKey, string>();
  #stopLooking: (() => void) | undefined;
  #looking = false;
  #again = false;
  #stopped = false;

  constructor(parts: CarryOutParts) {
    this.#parts = parts;
  }

  /** What queries go by now. */
  get running(): DesiredState {
    return this.#running ?? EMPTY_DESIRED_STATE;
  }

  /** Every version that is not gone. */
  get versions(): ReadonlyMap<ModelKey, VersionLife> {
    return this.#versions.lives;
  }

  /** Versions that are wanted with a replica, and have none. */
  get missing(): readonly ModelKey[] {
    const { isReady } = this.#parts;
    return this.#wanted().filter((key) => !isReady(key));
  }

  /** Queries may be sent here: none of the versions that are missing holds the broker back (`control/readiness.ts`). */
  get isReady(): boolean {
    return this.#standing.holding.length === 0;
  }

  apply(desired: DesiredState): void {
    this.#desired = desired;
    this.#look();
  }

  /** A replica came or went: a move that waited for it may now be made. */
  replicasChanged(): void {
    this.#look();
  }

  /** A replica died, and is tried again. */
  replicaDied(key: ModelKey, reason: string): void {
    if (this.#versions.lives.get(key)?.state.kind !== 'loading') return;
    this.#failed.set(key, reason);
    this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }

  /** Carrying out may change what is the case: then it looks again, once the present look is over. */
  #look(): void {
    this.#again = true;
    if (this.#looking || this.#stopped) return;
    this.#looking = true;
    try {
      let turns = 0;
      while (this.#again) {
        if (++turns > MOST_TURNS) throw new Error(`the versions do not come to rest: ${this.#shown()}`);
        this.#again = false;
        this.#step();
      }
    } finally {
      this.#looking = false;
    }
    this.#standing = lookAtReadiness(this.#standing, { wanted: this.#wanted(), named: new Set(namedVersions(this.#desired)), lives: this.#versions.lives });
    this.#lookLater();
    this.#parts.onLooked?.();
  }

  #wanted(): readonly ModelKey[] {
    return [...chosenVersions(this.#desired)].filter((key) => (this.#desired.models[key]?.replicas ?? 0) > 0);
  }

  #step(): void {
    const { route, supervise, isReady } = this.#parts;
    const chosen = chosenVersions(this.#desired);
    const want = withChosen(this.#desired, new Set([...chosen, ...fallbackVersions(this.#desired, chosen, this.#versions.lives)]));
    // A version that is to have no replicas is none to move to, though some may not have gone yet.
    const routed = effectiveState(this.running, want, (key) => isReady(key) && want.models[key]?.replicas !== 0);
    if (this.#running === undefined || !isSameRouting(this.#running, routed)) {
      this.#running = routed;
      route(routed);
    }
    const before = this.#versions;
    this.#versions = this.#looked(routed);
    // What became of a version may be a reason to route, or to fall back.
    if (!isSameKinds(before, this.#versions)) this.#again = true;
    const wanted = supervised(this.#versions);
    if (!isSameModels(supervised(before), wanted)) supervise({ ...routed, models: nameRecord(wanted) });
  }

  #looked({ models, rules }: DesiredState): Versions {
    const { clock, isReady, isPresent, unsettled, bytesOf, availableBytes, retireMicros, parallelLoads, log } = this.#parts;
    const waiting = unsettled();
    const before = this.#versions;
    const next = lookAtVersions(before, {
      routed: models,
      factsOf: (key) => ({ ready: isReady(key), present: isPresent(key), settled: !waiting.has(key), ...failedOf(this.#failed, key) }),
      transitionOf: (model) => rules?.[model]?.transition ?? 'availability',
      bytesOf: (spec) => bytesOf?.(spec), availableBytes: availableBytes?.(),
    }, { now: clock.now(), retireMicros, parallel: parallelLoads });
    for (const [key, life] of next.lives) if (life.state.kind !== before.lives.get(key)?.state.kind || life.state.kind === 'waiting') this.#tell(key, life, before.lives.get(key));
    for (const key of before.lives.keys()) if (!next.lives.has(key)) log.info({ version: key }, 'the version is gone');
    for (const key of this.#failed.keys()) if (next.lives.get(key)?.state.kind !== 'failing') this.#failed.delete(key);
    return next;
  }

  #shown(): string {
    return [...this.#versions.lives].map(([key, { state }]) => `${key} ${state.kind}`).join(', ');
  }

  #tell(version: ModelKey, { state }: VersionLife, before: VersionLife | undefined): void {
    const { log } = this.#parts;
    if (state.kind === 'failing') log.warn({ version, reason: state.reason }, 'the version could not be loaded, and is tried again');
    else if (state.kind !== 'waiting') log.info({ version, state: state.kind }, `the version is ${state.kind}`);
    else if (state.why === 'no_memory' && (before?.state.kind !== 'waiting' || before.state.why !== 'no_memory')) log.warn({ version, why: state.why }, `the version is not loaded: ${state.text ?? ''}`);
  }

  #lookLater(): void {
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    const states = [...this.#versions.lives.values()].map(({ state }) => state);
    const inMicros = states.some(({ kind }) => kind === 'leaving') ? SETTLING_LOOK_MICROS
      : states.some((state) => state.kind === 'waiting' && state.why === 'no_memory') ? MEMORY_LOOK_MICROS : undefined;
    if (inMicros === undefined || this.#stopped) return;
    const { clock } = this.#parts;
    this.#stopLooking = clock.wakeAt(clock.now() + inMicros, () => this.#look());
  }
}

function failedOf(failed: ReadonlyMap<ModelKey, string>, key: ModelKey): { failed?: string } {
  const reason = failed.get(key);
  return reason === undefined ? {} : { failed: reason };
}

function supervised({ lives }: Versions): ReadonlyMap<ModelKey, ModelSpec> {
  return new Map([...lives].flatMap(([key, life]) => (isSupervised(life) ? [[key, life.spec] as const] : [])));
}

function isSameKinds({ lives: a }: Versions, { lives: b }: Versions): boolean {
  return a.size === b.size && [...a].every(([key, { state }]) => b.get(key)?.state.kind === state.kind);
}

function isSameModels(a: ReadonlyMap<ModelKey, ModelSpec>, b: ReadonlyMap<ModelKey, ModelSpec>): boolean {
  return a.size === b.size && [...a].every(([key, spec]) => b.get(key) === spec);
}

function isSameRouting(a: DesiredState, b: DesiredState): boolean {
  const specs = (state: DesiredState): ReadonlyMap<ModelKey, ModelSpec> => new Map(Object.entries(state.models) as [ModelKey, ModelSpec][]);
  return a.apps === b.apps && a.steering === b.steering && a.rules === b.rules && isSameModels(specs(a), specs(b)) && JSON.stringify(a.labels) === JSON.stringify(b.labels);
}
