/** A file as it comes out of an archive: its content must be read to the end before the next one is asked for. */
export interface ArchivedFile {
  /** Parts of its path, checked: none is empty, `.` or `..`. */
  readonly path: readonly string[];
  readonly size: number;
  readonly executable: boolean;
  readonly content: AsyncIterable<Uint8Array>;
}

/** What is wrong with an archive, in words for whoever sent it. */
export class ArchiveFault extends Error {
  override readonly name = 'ArchiveFault';
}

const BLOCK = 512;
const FILE_TYPES = ['0', '\0'];
const FOLDER_TYPE = '5';
const MAX_DEPTH = 32;
const MAX_PART_BYTES = 255;

/**
 * The files of a tar archive (POSIX.1-1988, "ustar") as it arrives; folders are passed over, links and everything else is
 * refused. Throws `ArchiveFault`.
 */
export async function* readArchive(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchivedFile> {
  const bytes = new ByteQueue(source);
  for (;;) {
    const head = await bytes.take(BLOCK);
    if (head.every((byte) => byte === 0)) return;
    const size = sizeOf(head);
    const type = String.fromCharCode(head[156] ?? 0);
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (type === FOLDER_TYPE) continue;
    if (!FILE_TYPES.includes(type)) throw new ArchiveFault(`${nameOf(head)} is an entry of type "${type}": only files and folders are taken, from tar --format=ustar`);
    yield { path: partsOf(nameOf(head)), size, executable: (octal(head, 100, 8) & 0o100) !== 0, content: bytes.pieces(size) };
    await bytes.take(padding);
  }
}

function sizeOf(head: Uint8Array): number {
  const sum = head.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (octal(head, 148, 8) !== sum) throw new ArchiveFault('it is no tar archive, or a damaged one');
  return octal(head, 124, 12);
}

function octal(head: Uint8Array, at: number, length: number): number {
  const text = textOf(head, at, length).trim();
  if (!/^[0-7]*$/u.test(text)) throw new ArchiveFault('it is no ustar archive: a number in it is not octal');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function nameOf(head: Uint8Array): string {
  const prefix = textOf(head, 257, 5) === 'ustar' ? textOf(head, 345, 155) : '';
  const name = textOf(head, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function textOf(head: Uint8Array, at: number, length: number): string {
  const field = head.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}

function partsOf(name: string): readonly string[] {
  const parts = name.replace(/^\.\//u, '').split('/');
  const isWrong = (part: string): boolean => part === '' || part === '.' || part === '..' || Buffer.byteLength(part) > MAX_PART_BYTES || /[\p{Cc}\\]/u.test(part);
  if (parts.length > MAX_DEPTH || parts.some(isWrong)) throw new ArchiveFault(`${JSON.stringify(name)} is no path below the folder`);
  return parts;
}

/** The bytes of a stream, in pieces of one's own choice. */
class ByteQueue {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Exactly so many: for headers and padding. */
  async take(count: number): Promise<Uint8Array> {
    const taken = new Uint8Array(count);
    let at = 0;
    for await (const piece of this.pieces(count)) {
      taken.set(piece, at);
      at += piece.length;
    }
    return taken;
  }

  async *pieces(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#source.next();
        if (done === true) throw new ArchiveFault('it ends too early');
        this.#rest = value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
}
