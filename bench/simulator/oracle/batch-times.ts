/**
 * The times of batches of 1 … `maxRows` rows that take no longer than `sloMicros`, at their index; [0] is 0.
 * A law must be positive and must not fall: what an oracle proves rests on it.
 */
export function batchTimes({ lawMicros, sloMicros, maxRows }: { lawMicros: (rows: number) => number; sloMicros: number; maxRows: number }): Float64Array {
  const times = [0];
  for (let rows = 1; rows <= maxRows; rows++) {
    const micros = lawMicros(rows);
    if (!(micros > 0) || micros < (times[rows - 1] ?? 0)) throw new RangeError(`the law gives ${micros} µs for ${rows} rows after ${times[rows - 1]} µs for one less`);
    if (micros > sloMicros) break;
    times.push(micros);
  }
  return Float64Array.from(times);
}

/** Refuses arrivals that are not in order: every oracle counts on it. */
export function assertSorted(arrivalsMicros: Float64Array): void {
  for (let i = 1; i < arrivalsMicros.length; i++) {
    if (!((arrivalsMicros[i] as number) >= (arrivalsMicros[i - 1] as number))) throw new RangeError(`arrival ${i} comes before the one in front of it`);
  }
}
