import { Packr } from 'msgpackr';

const packr = new Packr({ useRecords: false, int64AsType: 'bigint' });

/** The cells of a context key as one record: names and values by turns. */
export function encodeKeyState(cells: ReadonlyMap<string, bigint>): Uint8Array {
  return packr.pack([...cells].flat());
}

export function decodeKeyState(record: Uint8Array): Map<string, bigint> {
  const flat = packr.unpack(record) as (string | bigint)[];
  const cells = new Map<string, bigint>();
  for (let i = 0; i + 1 < flat.length; i += 2) cells.set(String(flat[i]), BigInt(flat[i + 1] ?? 0));
  return cells;
}
