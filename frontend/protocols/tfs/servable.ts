import { isServedMiss, type Served, type ServedDirectory } from '../../domain/served.ts';
import { refuse, type TfsRefusal } from './refusal.ts';

/** What a request names: `ModelSpec`, or the path of a REST call. */
export interface ModelName {
  readonly name: string;
  /** At most one of the two. */
  readonly version?: number;
  readonly label?: string;
}

export type Found = { readonly ok: true; readonly served: Served } | { readonly ok: false; readonly refusal: TfsRefusal };

/** What a model's name means now, or TensorFlow Serving's words for one that means nothing. */
export function findServable(directory: ServedDirectory, { name, version, label }: ModelName): Found {
  const which = label ?? version;
  const served = directory.find(name, which);
  if (!isServedMiss(served)) return { ok: true, served };
  if (label !== undefined) return { ok: false, refusal: refuse('unknown_version', `Unrecognized servable version label: ${label}`, 'INVALID_ARGUMENT') };
  if (version !== undefined) return { ok: false, refusal: refuse('unknown_version', `Servable not found for request: Specific(${name}, ${version})`) };
  return { ok: false, refusal: refuse('unknown_model', `Servable not found for request: Latest(${name})`) };
}
