import { effectiveState } from '../control/effective-state.ts';
import type { Clock } from '../domain/clock.ts';
import { EMPTY_DESIRED_STATE, nameRecord, type DesiredState, type ModelKey, type ModelSpec } from '../domain/model.ts';

/** Who carries desired state out, in the order in which it must happen. */
export interface CarryOutParts {
  readonly clock: Clock;
  readonly isReady: (key: ModelKey) => boolean;
  /** Queries go by this from now on. */
  readonly route: (state: DesiredState) => void;
  /** Rows of versions that `route` dropped and that have not settled yet. */
  readonly retiringRows: () => number;
  /** Replicas are started and ended so that these versions, and no others, have theirs. */
  readonly supervise: (state: DesiredState) => void;
  /** How long the rows of a dropped version may take before its replicas are drained all the same. */
  readonly retireMicros: number;
}

const LOOK_EVERY_MICROS = 5_000;

/**
 * Brings the broker from what it runs to what is desired without a failed query: new versions start first, queries move
 * once they are ready, and an old version's replicas go when the last of its rows has settled.
 */
export class CarryOut {
  readonly #parts: CarryOutParts;
  #desired: DesiredState = EMPTY_DESIRED_STATE;
  #running: DesiredState = EMPTY_DESIRED_STATE;
  #stopLooking: (() => void) | undefined;
  /** Versions that queries no longer go to, whose replicas still run. */
  readonly #retired = new Map<ModelKey, ModelSpec>();
  #retireByMicros = 0;

  constructor(parts: CarryOutParts) {
    this.#parts = parts;
  }

  /** What queries go by now. */
  get running(): DesiredState {
    return this.#running;
  }

  apply(desired: DesiredState): void {
    this.#desired = desired;
    this.#step();
  }

  /** A replica came or went: a move that waited for it may now be made. */
  replicasChanged(): void {
    if (this.#running !== this.#desired) this.#step();
  }

  stop(): void {
    this.#stopLooking?.();
    this.#stopLooking = undefined;
  }

  #step(): void {
    const { route, supervise, isReady, clock, retireMicros } = this.#parts;
    const next = effectiveState(this.#running, this.#desired, isReady);
    const leaving = entries(this.#running).filter(([key]) => next.models[key] === undefined);
    const arrived = sameKeys(next, this.#desired) && JSON.stringify(next.labels) === JSON.stringify(this.#desired.labels);
    this.#running = arrived ? this.#desired : next;
    if (leaving.length > 0) {
      for (const [key, spec] of leaving) this.#retired.set(key, spec);
      this.#retireByMicros = clock.now() + retireMicros;
    }
    route(this.#running);
    supervise({ ...this.#running, models: nameRecord([...this.#retired, ...entries(this.#running)]) });
    this.#retire();
  }

  #retire(): void {
    if (this.#retired.size === 0) return;
    const { clock, retiringRows, supervise } = this.#parts;
    this.#stopLooking?.();
    this.#stopLooking = undefined;
    if (retiringRows() > 0 && clock.now() < this.#retireByMicros) {
      this.#stopLooking = clock.wakeAt(clock.now() + LOOK_EVERY_MICROS, () => this.#retire());
      return;
    }
    this.#retired.clear();
    supervise(this.#running);
  }
}

function entries(state: DesiredState): [ModelKey, ModelSpec][] {
  return Object.entries(state.models) as [ModelKey, ModelSpec][];
}

function sameKeys(a: DesiredState, b: DesiredState): boolean {
  const own = entries(a);
  return own.length === entries(b).length && own.every(([key]) => b.models[key] !== undefined);
}
