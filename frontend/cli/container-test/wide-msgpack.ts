/**
 * Headers in the widest msgpack forms there are: 64-bit integers, or floats for integers where `floats`, map32, array32 and
 * str32. All of them mean the same as the narrow ones, and a container must read them.
 */
export function wideMsgpack(value: unknown, floats = false): Buffer {
  if (value === null || value === undefined) return Buffer.of(0xc0);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xc3 : 0xc2);
  if (typeof value === 'number') return Number.isSafeInteger(value) && !floats ? integer(value) : double(value);
  if (typeof value === 'string') return Buffer.concat([head(0xdb, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(0xc6, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(0xdd, value.length), ...value.map((item) => wideMsgpack(item, floats))]);
  const entries = Object.entries(value);
  return Buffer.concat([head(0xdf, entries.length), ...entries.flatMap(([key, item]) => [wideMsgpack(key), wideMsgpack(item, floats)])]);
}

function head(kind: number, count: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = kind;
  bytes.writeUInt32BE(count, 1);
  return bytes;
}

function integer(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xd3;
  bytes.writeBigInt64BE(BigInt(value), 1);
  return bytes;
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xcb;
  bytes.writeDoubleBE(value, 1);
  return bytes;
}
