/** Files by their paths, `/` between the parts. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

const BLOCK = 512;
const FILE_MODE = '0000644';
const MAX_NAME_BYTES = 100;
const MAX_PREFIX_BYTES = 155;

/** A tar archive (POSIX.1-1988, "ustar") of the files, by path: the same files, the same bytes. Throws a RangeError for a path that is too long. */
export function archiveOf(files: Files): Uint8Array<ArrayBuffer> {
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, content]) => ({ path, content: typeof content === 'string' ? encode(content) : content }));
  const archive = new Uint8Array(entries.reduce((total, { content }) => total + BLOCK + padded(content.length), 2 * BLOCK));
  let at = 0;
  for (const { path, content } of entries) {
    archive.set(headOf(path, content.length), at);
    archive.set(content, at + BLOCK);
    at += BLOCK + padded(content.length);
  }
  return archive;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / BLOCK) * BLOCK;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function headOf(path: string, size: number): Uint8Array {
  const head = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void => head.set(encode(text), at);
  const { name, prefix } = splitPath(path);
  put(0, name);
  put(100, FILE_MODE);
  put(108, '0000000');
  put(116, '0000000');
  put(124, size.toString(8).padStart(11, '0'));
  put(136, '00000000000');
  put(148, '        ');
  put(156, '0');
  put(257, 'ustar');
  put(263, '00');
  put(345, prefix);
  put(148, `${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `);
  return head;
}

function splitPath(path: string): { name: string; prefix: string } {
  const bytes = (text: string): number => encode(text).length;
  if (bytes(path) <= MAX_NAME_BYTES) return { name: path, prefix: '' };
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    if (bytes(prefix) <= MAX_PREFIX_BYTES && bytes(name) <= MAX_NAME_BYTES) return { name, prefix };
  }
  throw new RangeError(`${path} is too long a path`);
}
