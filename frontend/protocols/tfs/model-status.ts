import type { Served } from '../../domain/served.ts';
import { refuse, type TfsRefusal } from './refusal.ts';

/** States of a servable version (`ModelVersionStatus.State`): word → number. Those between are passed through unseen here. */
export const VERSION_STATE = Object.freeze({ LOADING: 20, AVAILABLE: 30 });

export interface VersionStatus {
  readonly version: number;
  readonly state: keyof typeof VERSION_STATE;
}

/** What is told of a name's versions, the newest first; with a version, of that one. */
export function versionStatuses({ versions }: Served, version?: number): VersionStatus[] {
  return versions
    .filter((known) => version === undefined || known.version === version)
    .map((known): VersionStatus => ({ version: known.version, state: known.ready ? 'AVAILABLE' : 'LOADING' }))
    .toReversed();
}

/** The words for a name or a version that there is not. */
export function noSuchVersion(name: string, version: number | undefined): TfsRefusal {
  return version === undefined
    ? refuse('unknown_model', `Could not find any versions of model ${name}`)
    : refuse('unknown_version', `Could not find version ${version} of model ${name}`);
}
