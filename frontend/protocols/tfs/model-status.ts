import type { Served, Unready, WhyUnready } from '../../domain/served.ts';
import { refuse, type TfsRefusal } from './refusal.ts';

/**
 * States of a servable version (`ModelVersionStatus.State`): word → number. Those between are passed through unseen here.
 * `END` is what TensorFlow Serving says of a version that was unloaded, and, with an error, of one that could not be loaded.
 */
export const VERSION_STATE = Object.freeze({ LOADING: 20, AVAILABLE: 30, END: 50 });

/** The error of a version that cannot be loaded, as its predictions have it: it is tried again from time to time. */
export const LOAD_ERROR = Object.freeze({ word: 'UNAVAILABLE', number: 14 });

export interface VersionStatus {
  readonly version: number;
  readonly state: keyof typeof VERSION_STATE;
  /** Why it cannot be loaded: the message of a `LOAD_ERROR`. */
  readonly error?: string;
}

/** What is told of a name's versions, the newest first; with a version, of that one. */
export function versionStatuses({ name, versions }: Served, whyUnready: WhyUnready, version?: number): VersionStatus[] {
  return versions
    .filter((known) => version === undefined || known.version === version)
    .map((known): VersionStatus => ({ version: known.version, ...(known.ready ? { state: 'AVAILABLE' } : unready(whyUnready(name, known.version))) }))
    .toReversed();
}

function unready(why: Unready): Pick<VersionStatus, 'state' | 'error'> {
  switch (why.kind) {
    case 'coming': return { state: 'LOADING' };
    case 'unloaded': return { state: 'END' };
    case 'failing': return { state: 'END', error: `its replicas die again and again: ${why.reason}` };
  }
}

/** The words for a name or a version that there is not. */
export function noSuchVersion(name: string, version: number | undefined): TfsRefusal {
  return version === undefined
    ? refuse('unknown_model', `Could not find any versions of model ${name}`)
    : refuse('unknown_version', `Could not find version ${version} of model ${name}`);
}
