import { createHash, randomBytes } from 'node:crypto';
import { access, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArchiveFault, readArchive, type ArchivedFile } from './upload-archive.ts';

/** Where the files of an archive came to lie. */
export interface Placed {
  /** Absolute; named for what it holds, so that what runs is never written over. */
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

export interface PlaceLimits {
  readonly maxBytes: number;
  readonly maxFiles: number;
}

/** More than the limits allow. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** Unfinished uploads lie here, below the deploy root: a model is never seen half. */
const UNFINISHED = '.uploads';
const HASH_CHARS = 16;
const ABANDONED_MS = 3_600_000;

/**
 * Unpacks an archive below `root`, whole or not at all: in a folder of its own that is then renamed to `model/version/hash`.
 * The same files come to the same place. Throws `ArchiveFault`, `TooLarge`, or what the file system says.
 */
export async function placeArchive(source: AsyncIterable<Uint8Array>, { root, at, limits, nowMs }: { readonly root: string; readonly at: readonly [string, string]; readonly limits: PlaceLimits; readonly nowMs: number }): Promise<Placed> {
  const unfinished = join(root, UNFINISHED, randomBytes(8).toString('hex'));
  const hash = createHash('sha256');
  let [files, bytes] = [0, 0];
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await removeAbandoned(dirname(unfinished), nowMs);
  try {
    for await (const file of readArchive(source)) {
      bytes += file.size;
      if (++files > limits.maxFiles || bytes > limits.maxBytes) throw new TooLarge(`more than ${limits.maxFiles} files or ${limits.maxBytes} bytes`);
      hash.update(`${JSON.stringify(file.path)} ${file.size} ${file.executable}\n`);
      await write(file, unfinished, (piece) => hash.update(piece));
    }
    if (files === 0) throw new ArchiveFault('it holds no file');
    const folder = join(root, ...at, hash.digest('hex').slice(0, HASH_CHARS));
    await settle(unfinished, folder);
    return { folder, files, bytes };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** What a broker that was killed did not finish goes with a later upload; a request never lasts so long. */
async function removeAbandoned(folder: string, nowMs: number): Promise<void> {
  for (const entry of await readdir(folder)) {
    const place = join(folder, entry);
    const found = await stat(place).catch(() => undefined);
    if (found !== undefined && nowMs - found.mtimeMs > ABANDONED_MS) await rm(place, { recursive: true, force: true });
  }
}

async function write({ path, executable, content }: ArchivedFile, folder: string, seen: (piece: Uint8Array) => void): Promise<void> {
  const place = join(folder, ...path);
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  // A name that comes twice, or is a folder too, is refused rather than written over.
  const file = await open(place, 'wx', executable ? 0o700 : 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOSPC') throw error;
    throw new ArchiveFault(`${path.join('/')} is in it twice`, { cause: error });
  });
  try {
    for await (const piece of content) {
      seen(piece);
      await file.write(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function settle(unfinished: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  try {
    await rename(unfinished, folder);
  } catch (error) {
    // It is there: the same files came before.
    await access(folder).catch(() => { throw error; });
  }
}
