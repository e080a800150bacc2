import type { ModelKey, ModelSpec, Transition } from '../domain/model.ts';
import { beginVersion, keyOf, lookAtVersion, type LookContext, type VersionFacts, type VersionLife, type WaitReason } from './version-life.ts';

/** All versions that are not gone, and whether the broker is still at its first start, when everything loads at once. */
export interface Versions {
  readonly lives: ReadonlyMap<ModelKey, VersionLife>;
  readonly isFirstStart: boolean;
}

export const NO_VERSIONS: Versions = Object.freeze({ lives: new Map<ModelKey, VersionLife>(), isFirstStart: true });

/** What is the case for all of them. */
export interface VersionsView {
  /** Queries may go to these. */
  readonly routed: Readonly<Record<ModelKey, ModelSpec>>;
  readonly factsOf: (key: ModelKey) => Omit<VersionFacts, 'routed'>;
  readonly transitionOf: (model: string) => Transition;
  /** Bytes that a load of this version takes, all its replicas together; undefined where nobody knows. */
  readonly bytesOf: (spec: ModelSpec) => number | undefined;
  /** Bytes that can be taken now; undefined where nobody knows. */
  readonly availableBytes: number | undefined;
}

export interface LoadContext extends LookContext {
  /** Loads that may go on at a time, the first start excepted. */
  readonly parallel: number;
}

/**
 * One look at all versions: each lives on by `lookAtVersion`, and those that wait are let load, the longest waiting first, as
 * far as loads, memory and the transition of their model allow. Idempotent.
 */
export function lookAtVersions(versions: Versions, view: VersionsView, context: LoadContext): Versions {
  const lives = new Map<ModelKey, VersionLife>();
  for (const [key, life] of versions.lives) {
    const spec = view.routed[key];
    const known = spec === undefined || spec === life.spec ? life : { ...life, spec };
    const next = lookAtVersion(known, { ...view.factsOf(key), routed: spec !== undefined }, context);
    if (next !== undefined) lives.set(key, next);
  }
  for (const [key, spec] of Object.entries(view.routed) as [ModelKey, ModelSpec][]) {
    if (lives.has(key)) continue;
    const begun = lookAtVersion(beginVersion(spec, context.now), { ...view.factsOf(key), routed: true }, context);
    if (begun !== undefined) lives.set(key, begun);
  }
  admit(lives, view, { ...context, parallel: versions.isFirstStart ? Number.POSITIVE_INFINITY : context.parallel });
  const loads = [...lives.values()].some(({ state }) => state.kind === 'loading');
  return { lives, isFirstStart: versions.isFirstStart && (lives.size === 0 || loads) };
}

function admit(lives: Map<ModelKey, VersionLife>, view: VersionsView, { now, parallel }: LoadContext): void {
  const loading = [...lives.values()].filter(({ state }) => state.kind === 'loading');
  let loads = loading.length;
  // What loads now has not taken its memory yet, or not all of it: it is counted whole.
  let promisedBytes = loading.reduce((sum, { spec }) => sum + (view.bytesOf(spec) ?? 0), 0);
  for (const life of [...lives.values()].filter(({ state }) => state.kind === 'waiting').toSorted(byTurn)) {
    const { spec } = life;
    const refusal = loads >= parallel ? { why: 'turn' as const } : blocked(life, lives, view) ?? withoutMemory(spec, view, promisedBytes);
    if (refusal !== undefined) {
      lives.set(keyOf(life), stillWaiting(life, refusal));
      continue;
    }
    loads++;
    promisedBytes += view.bytesOf(spec) ?? 0;
    lives.set(keyOf(life), { spec, state: { kind: 'loading', sinceMicros: now } });
  }
}

interface Refusal {
  readonly why: WaitReason;
  readonly text?: string;
}

/** Under `resource` a version starts only when none that is no longer wanted is left of its model. */
function blocked({ spec }: VersionLife, lives: ReadonlyMap<ModelKey, VersionLife>, { transitionOf, routed }: VersionsView): Refusal | undefined {
  if (transitionOf(spec.name) !== 'resource') return undefined;
  const left = [...lives.values()].filter((other) => other.spec.name === spec.name && routed[keyOf(other)] === undefined);
  return left.length === 0 ? undefined : { why: 'room', text: `${left.map(keyOf).join(', ')} has not ended yet` };
}

function withoutMemory(spec: ModelSpec, { bytesOf, availableBytes }: VersionsView, promisedBytes: number): Refusal | undefined {
  const needed = bytesOf(spec);
  if (needed === undefined || availableBytes === undefined || needed + promisedBytes <= availableBytes) return undefined;
  const promised = promisedBytes === 0 ? '' : `, of which ${mebibytes(promisedBytes)} are for what loads already`;
  // The text is for people: it does not change with every page that somebody takes.
  return { why: 'no_memory', text: `it needs ${mebibytes(needed)}; there are about ${mebibytes(rounded(availableBytes))}${promised}` };
}

function stillWaiting(life: VersionLife, { why, text }: Refusal): VersionLife {
  const { state } = life;
  if (state.kind === 'waiting' && state.why === why && state.text === text) return life;
  return { spec: life.spec, state: { kind: 'waiting', sinceMicros: state.sinceMicros, why, ...(text === undefined ? {} : { text }) } };
}

function byTurn(a: VersionLife, b: VersionLife): number {
  return a.state.sinceMicros - b.state.sinceMicros || a.spec.name.localeCompare(b.spec.name) || b.spec.version - a.spec.version;
}

const MIB = 1024 * 1024;

function rounded(bytes: number): number {
  const step = 64 * MIB;
  return Math.floor(bytes / step) * step;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}
