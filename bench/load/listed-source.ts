import { encodeRequest, type RequestParts } from './http-request.ts';
import type { LoadPlan } from './plan.ts';
import type { RequestSource } from './request-source.ts';

/** The same few requests round and round, encoded once. */
export interface ListedOptions {
  readonly requests: readonly RequestParts[];
}

/** The same, as a plan names it. */
export function listedSource(requests: readonly RequestParts[]): LoadPlan['source'] {
  return { module: import.meta.url, options: { requests } satisfies ListedOptions };
}

export function createSource(options: unknown): RequestSource {
  const { requests } = options as ListedOptions;
  const encoded = requests.map((parts) => encodeRequest(parts).bytes);
  if (encoded.length === 0) throw new RangeError('a list of requests must not be empty');
  return { next: (sequence) => encoded[sequence % encoded.length] as Buffer };
}
