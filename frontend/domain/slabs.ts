import type { Slab } from './query.ts';

/** A piece of a slab: `bytes` from `offset` on, aligned to 8. */
export interface SlabSpan {
  readonly slab: Slab;
  readonly offset: number;
}

/**
 * Pooled, counted memory for tensors. `allocate` counts one user of the slab; each further holder retains, each holder
 * releases exactly once, and the memory is used anew when nobody is left. A checked pool poisons what was freed.
 */
export interface SlabPool {
  allocate(bytes: number): SlabSpan;
  /** Gives back the tail of the allocation made last, if it was the last: `bytes` of it are kept. */
  trim(span: SlabSpan, bytes: number): void;
  retain(slab: Slab): void;
  release(slab: Slab): void;
}
