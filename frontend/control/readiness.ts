import { keyParts, type ModelKey } from '../domain/model.ts';
import { isStuck, type VersionLife } from './version-life.ts';

/** What a broker that answers probes must remember of the past. */
export interface Standing {
  /** Its start is over: all that it was to begin with was ready at a time. */
  readonly isStarted: boolean;
  /** Models that queries were answered by, and that are still wanted. */
  readonly served: ReadonlySet<string>;
  /** Versions for which nobody should be sent here; none: the broker is ready. */
  readonly holding: readonly ModelKey[];
}

export const NOTHING_STANDS: Standing = Object.freeze({ isStarted: false, served: new Set<string>(), holding: [] });

export interface ReadinessView {
  /** Versions that are to run with at least one replica. */
  readonly wanted: readonly ModelKey[];
  /** Those that a label points at or an app names: no other version can answer for them. */
  readonly named: ReadonlySet<ModelKey>;
  readonly lives: ReadonlyMap<ModelKey, VersionLife>;
}

/**
 * Whether a load balancer should send queries here. While a broker starts, every version that is to run holds it back, so that nobody
 * takes the next broker away before this one is whole; only not one that fails or finds no memory while another of its model answers for it,
 * since a single bad version must not keep every broker away. After that only what was lost counts: a version that was ready and is not,
 * and a model that answered and of which nothing does. What is new loads beside what answers, and takes nobody out. One look; idempotent.
 */
export function lookAtReadiness(before: Standing, { wanted, named, lives }: ReadinessView): Standing {
  const kindOf = (key: ModelKey): VersionLife['state']['kind'] | undefined => lives.get(key)?.state.kind;
  const answering = new Set([...lives.values()].flatMap(({ spec, state }) => (state.kind === 'ready' ? [spec.name] : [])));
  const names = new Set(wanted.map(modelOf));
  const served = new Set([...names].filter((name) => answering.has(name) || before.served.has(name)));
  const missing = wanted.filter((key) => kindOf(key) !== 'ready');
  const holding = missing.filter((key) => {
    const isAnswered = answering.has(modelOf(key));
    if (!before.isStarted) return !isAnswered || named.has(key) || !isStuck(lives.get(key));
    return kindOf(key) === 'recovering' || (!isAnswered && served.has(modelOf(key)));
  });
  return { isStarted: before.isStarted || (wanted.length > 0 && holding.length === 0), served, holding };
}

function modelOf(key: ModelKey): string {
  return keyParts(key).model;
}
