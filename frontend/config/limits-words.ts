import type { Fault } from '../domain/fault.ts';
import { dialledAddresses, type ContainerSpec, type LimitsSpec } from '../domain/model.ts';
import type { RawModel } from './options.ts';

/** From the words of the file to what one replica may take; nothing where nothing is said. */
export function readLimits(raw: RawModel['limits'], container: ContainerSpec, { at, faults }: { readonly at: Fault['path']; readonly faults: Fault[] }): { limits?: LimitsSpec } {
  if (raw === undefined || Object.keys(raw).length === 0) return {};
  if (dialledAddresses(container) !== undefined) {
    faults.push({ path: [...at, 'limits'], message: 'cannot be held where a container is dialled', expected: 'nothing: whoever starts it holds it to its limits' });
  }
  const { memory_mb: memoryMb, cpu_share: cpuShare, threads, nice } = raw;
  return { limits: {
    ...(memoryMb === undefined ? {} : { memoryMb }), ...(cpuShare === undefined ? {} : { cpuShare }),
    ...(threads === undefined ? {} : { threads }), ...(nice === undefined ? {} : { nice }),
  } };
}

/** What `readLimits` makes the same of again. */
export function writeLimits({ memoryMb, cpuShare, threads, nice }: LimitsSpec): NonNullable<RawModel['limits']> {
  return {
    ...(memoryMb === undefined ? {} : { memory_mb: memoryMb }), ...(cpuShare === undefined ? {} : { cpu_share: cpuShare }),
    ...(threads === undefined ? {} : { threads }), ...(nice === undefined ? {} : { nice }),
  };
}
