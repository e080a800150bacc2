import type { Fault } from '../domain/fault.ts';
import { DEFAULT_WARM_UP, type ModelSpec, type WarmUpSpec } from '../domain/model.ts';
import type { NamedFiles } from './named-files.ts';
import type { RawModel } from './options.ts';

interface WarmUpReading {
  readonly at: readonly (string | number)[];
  readonly files: NamedFiles;
  readonly faults: Fault[];
}

/** What a new replica is asked first; nothing where it is what it is unless said. */
export function readWarmUp({ warm_up: raw, batching }: RawModel, { at, files, faults }: WarmUpReading): Pick<ModelSpec, 'warmUp'> {
  const path = [...at, 'warm_up'];
  const requests = raw.requests === undefined ? undefined : files.file(raw.requests, [...path, 'requests'], faults);
  const over = raw.sizes?.find((size) => size > batching.max_batch);
  if (over !== undefined) faults.push({ path: [...path, 'sizes'], message: `holds ${over}`, expected: `sizes up to max_batch, ${batching.max_batch}` });
  const warmUp: WarmUpSpec = {
    ...(requests === undefined ? {} : { requests }), ...(raw.sizes === undefined ? {} : { sizes: raw.sizes }), repeat: raw.repeat, timeoutMs: raw.timeout_ms,
  };
  return JSON.stringify(warmUp) === JSON.stringify(DEFAULT_WARM_UP) ? {} : { warmUp };
}

/** The reverse. */
export function writeWarmUp({ requests, sizes, repeat, timeoutMs }: WarmUpSpec = DEFAULT_WARM_UP): RawModel['warm_up'] {
  return { ...(requests === undefined ? {} : { requests }), ...(sizes === undefined ? {} : { sizes: [...sizes] }), repeat, timeout_ms: timeoutMs };
}
