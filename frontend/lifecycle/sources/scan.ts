import type { Dirent } from 'node:fs';
import { lstat, readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NAME_REGEXP } from '../../domain/model.ts';

/** What lies in a source's folder. */
export interface Scan {
  readonly models: readonly FoundModel[];
  readonly refused: readonly Refused[];
}

export interface FoundModel {
  readonly name: string;
  readonly folder: string;
  /** Text of its `model.yaml`. */
  readonly words?: string;
  readonly versions: readonly FoundVersion[];
}

export interface FoundVersion {
  readonly version: number;
  readonly folder: string;
  /** Names of what lies directly in it. */
  readonly entries: readonly string[];
  readonly words?: string;
  /** Changes with every file that comes, goes, grows or is written. */
  readonly print: string;
  /** When something in it was last changed, by the file system's clock. */
  readonly changedEpochMs: number;
  /** Changes when something directly in its folder comes or goes, and with its words: as long as it stays, nothing else is looked at. */
  readonly mark: string;
}

/** Versions of which only the mark is looked at, by folder. */
export type Known = ReadonlyMap<string, FoundVersion>;

export interface Refused {
  readonly path: string;
  readonly why: string;
}

/** The words of a model, or of one version, in its folder. */
export const WORDS_FILE = 'model.yaml';

const MOST_MODELS = 512;
/** Of one model, the newest. */
const MOST_VERSIONS = 64;
const MOST_ENTRIES = 10_000;
const MOST_WORDS_BYTES = 1024 * 1024;
const VERSION = /^[1-9][0-9]{0,9}$/u;
const LARGEST_VERSION = 2 ** 31 - 1;

/** Reads `<model>/<version>/…` below `root`. Rejects where the root itself cannot be read. Symbolic links are not followed. */
export async function scan(root: string, known: Known = new Map()): Promise<Scan> {
  const refused: Refused[] = [];
  const models: FoundModel[] = [];
  for (const entry of await listed(root)) {
    const path = join(root, entry.name);
    const why = refusalOf(entry, NAME_REGEXP.test(entry.name), 'a name is lower-case letters, digits, ".", "_" and "-"');
    if (why !== undefined) refused.push({ path, why });
    else if (entry.isDirectory()) {
      if (models.length < MOST_MODELS) models.push(await scanModel(path, { known, refused }));
      else refused.push({ path, why: `a source holds at most ${MOST_MODELS} models` });
    }
  }
  return { models, refused };
}

async function scanModel(folder: string, { known, refused }: { known: Known; refused: Refused[] }): Promise<FoundModel> {
  const versions: FoundVersion[] = [];
  const entries = (await listed(folder)).filter((entry) => !entry.isFile() && entry.name !== WORDS_FILE).toSorted((a, b) => Number(b.name) - Number(a.name));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const isVersion = VERSION.test(entry.name) && Number(entry.name) <= LARGEST_VERSION;
    const why = refusalOf(entry, isVersion, 'a version is a positive integer without leading zeros');
    if (why !== undefined) refused.push({ path, why });
    else if (versions.length < MOST_VERSIONS) {
      const mark = await markOf(path);
      const before = known.get(path);
      const found = before?.mark === mark ? before : await scanVersion(path, Number(entry.name), mark);
      if ('why' in found) refused.push(found);
      else versions.push(found);
    }
  }
  return { name: basename(folder), folder, versions, ...(await wordsIn(folder, refused)) };
}

async function scanVersion(folder: string, version: number, mark: string): Promise<FoundVersion | Refused> {
  const prints: string[] = [];
  let changedEpochMs = 0;
  const open = [''];
  const entries: string[] = [];
  for (const below of open) {
    const path = join(folder, below);
    const own = await lstat(path);
    changedEpochMs = Math.max(changedEpochMs, own.ctimeMs);
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const name = join(below, entry.name);
      if (below === '') entries.push(entry.name);
      if (entry.isDirectory()) {
        open.push(name);
        continue;
      }
      if (!entry.isFile()) return { path: join(folder, name), why: entry.isSymbolicLink() ? 'is a symbolic link' : 'is no file' };
      const { size, mtimeMs, ctimeMs } = await lstat(join(folder, name));
      changedEpochMs = Math.max(changedEpochMs, ctimeMs);
      prints.push(`${name} ${size} ${mtimeMs}`);
      if (prints.length > MOST_ENTRIES) return { path: folder, why: `holds more than ${MOST_ENTRIES} files` };
    }
  }
  const refused: Refused[] = [];
  const words = await wordsIn(folder, refused);
  return refused[0] ?? { version, folder, mark, entries: entries.toSorted(), print: prints.toSorted().join('\n'), changedEpochMs, ...words };
}

async function markOf(folder: string): Promise<string> {
  const own = await lstat(folder);
  const words = await lstat(join(folder, WORDS_FILE)).catch(() => undefined);
  return `${own.ino} ${own.ctimeMs} ${words?.ctimeMs ?? 0}`;
}

/** Names that begin with "." or "_" are none of ours: what is copied comes under one, and is renamed when it is whole. */
async function listed(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter(({ name }) => !/^[._]/u.test(name)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function refusalOf(entry: Dirent, isNamedWell: boolean, rule: string): string | undefined {
  if (entry.isSymbolicLink()) return 'is a symbolic link';
  if (entry.isDirectory() && !isNamedWell) return rule;
  return entry.isDirectory() || entry.isFile() ? undefined : 'is no folder';
}

async function wordsIn(folder: string, refused: Refused[]): Promise<{ words?: string }> {
  const path = join(folder, WORDS_FILE);
  try {
    const stats = await lstat(path);
    if (!stats.isFile() || stats.size > MOST_WORDS_BYTES) {
      refused.push({ path, why: stats.isFile() ? `is larger than ${MOST_WORDS_BYTES} bytes` : 'is no file' });
      return {};
    }
    return { words: await readFile(path, 'utf8') };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
