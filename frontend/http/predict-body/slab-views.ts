import type { Slab } from '../../domain/query.ts';

/** A slab's memory as elements of every size, from its first byte on. */
export interface SlabViews {
  readonly int8: Int8Array;
  readonly uint8: Uint8Array;
  readonly int16: Int16Array;
  readonly uint16: Uint16Array;
  readonly int32: Int32Array;
  readonly uint32: Uint32Array;
  readonly float32: Float32Array;
  readonly float64: Float64Array;
}

const known = new WeakMap<Slab, SlabViews>();

/** The views of a slab; made once a slab, as slabs are pooled and a view costs as much as parsing ten numbers. */
export function slabViews(slab: Slab): SlabViews {
  const views = known.get(slab);
  if (views !== undefined) return views;
  const { buffer, byteOffset, length } = slab.bytes;
  const made: SlabViews = {
    int8: new Int8Array(buffer, byteOffset, length),
    uint8: slab.bytes,
    int16: new Int16Array(buffer, byteOffset, length >> 1),
    uint16: new Uint16Array(buffer, byteOffset, length >> 1),
    int32: new Int32Array(buffer, byteOffset, length >> 2),
    uint32: new Uint32Array(buffer, byteOffset, length >> 2),
    float32: new Float32Array(buffer, byteOffset, length >> 2),
    float64: new Float64Array(buffer, byteOffset, length >> 3),
  };
  known.set(slab, made);
  return made;
}
