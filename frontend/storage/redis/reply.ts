/** Cells and their values by turns. */
export function readPairs(pairs: readonly Buffer[]): (readonly [string, bigint])[] {
  const read: (readonly [string, bigint])[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) read.push([String(pairs[i]), BigInt(String(pairs[i + 1]))]);
  return read;
}

/** The same memory, as ioredis takes it. */
export function bytesOf(of: Uint8Array): Buffer {
  return Buffer.from(of.buffer, of.byteOffset, of.byteLength);
}
