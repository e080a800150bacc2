/** A file in an archive: the ustar format (POSIX.1-1988, pax(1)), as any `tar` reads and writes it. */
export interface TarEntry {
  /** At most 100 bytes. */
  readonly name: string;
  readonly bytes: number;
}

export const BLOCK_BYTES = 512;
const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const SIZE_AT = 124;
const SIZE_BYTES = 12;
/** What eleven octal digits hold; larger sizes stand in base 256, as GNU tar does it. */
const OCTAL_LIMIT = 8 ** 11;

/** The block before a file's content. */
export function tarHeader({ name, bytes }: TarEntry, atEpochSeconds: number): Buffer {
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, 100, 'utf8');
  header.write('0000600\0', 100, 'latin1');
  header.write('0000000\0'.repeat(2), 108, 'latin1');
  writeSize(header, bytes);
  header.write(`${octal(atEpochSeconds, 11)}\0`, 136, 'latin1');
  header.fill(' ', CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(`${octal(sumOf(header), 6)}\0 `, CHECKSUM_AT, 'latin1');
  return header;
}

/** Zeros up to the next block. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** The end of an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK_BYTES);
}

/** Reads a header; undefined at the end of an archive. Throws on what is no header. */
export function readTarHeader(block: Buffer): TarEntry | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  const copy = Buffer.from(block);
  copy.fill(' ', CHECKSUM_AT, CHECKSUM_AT + CHECKSUM_BYTES);
  if (readOctal(block, CHECKSUM_AT, CHECKSUM_BYTES) !== sumOf(copy)) throw new Error('it is no tar archive, or damaged: the checksum of a header is wrong');
  const end = block.indexOf(0);
  return { name: block.toString('utf8', 0, end < 0 || end > 100 ? 100 : end), bytes: readSize(block) };
}

function writeSize(header: Buffer, bytes: number): void {
  if (bytes < OCTAL_LIMIT) header.write(`${octal(bytes, 11)}\0`, SIZE_AT, 'latin1');
  else {
    header[SIZE_AT] = 0x80;
    header.writeBigUInt64BE(BigInt(bytes), SIZE_AT + SIZE_BYTES - 8);
  }
}

function readSize(block: Buffer): number {
  if (block[SIZE_AT] === 0x80) return Number(block.readBigUInt64BE(SIZE_AT + SIZE_BYTES - 8));
  return readOctal(block, SIZE_AT, SIZE_BYTES);
}

function octal(value: number, digits: number): string {
  return Math.floor(value).toString(8).padStart(digits, '0');
}

function readOctal(block: Buffer, at: number, length: number): number {
  const text = block.toString('latin1', at, at + length).replaceAll(/[\0 ]/gu, '');
  return /^[0-7]+$/u.test(text) ? Number.parseInt(text, 8) : Number.NaN;
}

function sumOf(block: Buffer): number {
  return block.reduce((sum, byte) => sum + byte, 0);
}
