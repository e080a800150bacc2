import type { VersionLife, VersionState } from '../control/version-life.ts';
import type { Micros } from '../domain/clock.ts';
import type { Unready } from '../domain/served.ts';

/** A version as the operator sees it. */
export interface VersionStatus {
  readonly model: string;
  readonly version: number;
  readonly state: VersionState['kind'];
  readonly forMs: number;
  /** Why it waits, in a word, or why it failed, in a sentence. */
  readonly reason?: string;
  /** The word in a sentence. */
  readonly text?: string;
}

export function versionStatus({ spec, state }: VersionLife, now: Micros): VersionStatus {
  return {
    model: spec.name, version: spec.version, state: state.kind, forMs: Math.max(0, Math.round((now - state.sinceMicros) / 1000)),
    ...(state.kind === 'waiting' ? { reason: state.why, ...(state.text === undefined ? {} : { text: state.text }) } : {}),
    ...(state.kind === 'failing' ? { reason: state.reason } : {}),
  };
}

/** `failure`: as `Supervisor.failure`. That a replica died once or twice is no failure yet: the next may live. */
export function whyUnready(life: VersionLife | undefined, failure: string | undefined): Unready {
  if (failure !== undefined) return { kind: 'failing', reason: failure };
  return { kind: life?.state.kind === 'idle' ? 'unloaded' : 'coming' };
}
