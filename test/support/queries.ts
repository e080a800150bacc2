import type { InputColumn, Query } from '../../frontend/domain/query.ts';
import type { SlabPool } from '../../frontend/domain/slabs.ts';

/** A query of rows of two float32, each row `[value, 0]`, in memory of `slabs`. */
export function makeQuery(slabs: SlabPool, more: Partial<Query> & { values?: readonly number[] } = {}): Query {
  const { values = [1], ...rest } = more;
  const span = slabs.allocate(values.length * 8);
  const floats = new Float32Array(span.slab.bytes.buffer, span.slab.bytes.byteOffset + span.offset, values.length * 2);
  values.forEach((value, i) => {
    floats[i * 2] = value;
    floats[i * 2 + 1] = 0;
  });
  const column: InputColumn = { name: 'x', dtype: 'float32', shape: [2], slab: span.slab, offset: span.offset, strideBytes: 8, rowBytes: 8 };
  const arrivedAtMicros = rest.arrivedAtMicros ?? 0;
  const sloMicros = rest.sloMicros ?? 100_000;
  return {
    slot: 0, app: 'a', arrivedAtMicros, sloMicros, deadlineAtMicros: arrivedAtMicros + sloMicros,
    rows: values.length, many: values.length > 1, columns: [column], batchKey: 'x:float32[2]', explain: false, ...rest,
  };
}
