/**
 * As much of HPACK (RFC 7541) as a gRPC client needs that keeps no table: it sends literals only, and reads the status of a
 * call out of the trailers of a server that was told to keep none either.
 */
const STATUS = Buffer.from('grpc-status', 'latin1');
/** The same in the Huffman code of appendix B, as servers send it. */
const STATUS_HUFFMAN = Buffer.from('9acac8b21234da8f', 'hex');

/** A block of fields, each a literal without indexing under a name of its own (section 6.2.2). */
export function literalFields(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), stringOf(name), stringOf(value)]));
}

function stringOf(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 0x7f) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [0x7f];
  let rest = bytes.length - 0x7f;
  for (; rest >= 0x80; rest >>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

/**
 * The `grpc-status` in a block of fields; undefined where it has none. Throws where the block uses a table that we do not
 * keep, or writes the status itself in Huffman's code, which would be no shorter.
 */
export function grpcStatus(block: Buffer): string | undefined {
  const cursor = new Cursor(block);
  while (!cursor.over) {
    const first = cursor.peek();
    if (first >= 0x80) cursor.integer(7);
    else if (first >= 0x40) throw new Error('the server indexes fields, though it was told to keep no table');
    else if (first >= 0x20) cursor.integer(5);
    else {
      const name = cursor.integer(4) === 0 ? cursor.string() : undefined;
      const value = cursor.string();
      if (name === undefined || !(name.huffman ? STATUS_HUFFMAN : STATUS).equals(name.bytes)) continue;
      if (value.huffman) throw new Error('a grpc-status in Huffman code');
      return value.bytes.toString('latin1');
    }
  }
  return undefined;
}

class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get over(): boolean {
    return this.#at >= this.#bytes.length;
  }

  peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error('a block of fields that ends in the middle of one');
    return byte;
  }

  /** Section 5.1: in the low `bits` of this byte, or in those that follow it. */
  integer(bits: number): number {
    const most = (1 << bits) - 1;
    let value = this.#next() & most;
    if (value < most) return value;
    for (let shift = 0; shift <= 14; shift += 7) {
      const byte = this.#next();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('a length in a block of fields that does not end');
  }

  string(): { readonly huffman: boolean; readonly bytes: Buffer } {
    const huffman = this.peek() >= 0x80;
    const length = this.integer(7);
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    if (bytes.length < length) throw new Error('a block of fields that ends in the middle of one');
    this.#at += length;
    return { huffman, bytes };
  }

  #next(): number {
    const byte = this.peek();
    this.#at++;
    return byte;
  }
}
