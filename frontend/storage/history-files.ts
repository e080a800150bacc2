import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HistoryStore } from '../domain/history-store.ts';

const ENDING = '.history';
/** While it is written. */
const UNFINISHED = '.new';

export interface HistoryFilesOptions {
  readonly folder: string;
  /** Files beyond so many are not read, nor those that are longer. */
  readonly mostFiles: number;
  readonly mostBytes: number;
}

/** A file for each history. Not flushed to the disk: what a loss of power takes away is found damaged, and passed over. */
export class HistoryFiles implements HistoryStore {
  readonly #options: HistoryFilesOptions;
  #hasFolder = false;

  constructor(options: HistoryFilesOptions) {
    this.#options = options;
  }

  /** To be called before the first `save`: what a kill left half written goes. */
  async load(): Promise<ReadonlyMap<string, Uint8Array>> {
    const { folder, mostFiles } = this.#options;
    const found = new Map<string, Uint8Array>();
    const files = await readdir(folder).catch(() => []);
    for (const file of files) if (file.endsWith(`${ENDING}${UNFINISHED}`)) await rm(join(folder, file), { force: true }).catch(() => undefined);
    for (const file of files) {
      if (found.size >= mostFiles) break;
      const name = file.endsWith(ENDING) ? decoded(file.slice(0, -ENDING.length)) : undefined;
      const bytes = name === undefined ? undefined : await this.#read(join(folder, file));
      if (name !== undefined && bytes !== undefined) found.set(name, bytes);
    }
    return found;
  }

  async save(name: string, history: Uint8Array): Promise<void> {
    const path = this.#pathOf(name);
    if (!this.#hasFolder) await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
    this.#hasFolder = true;
    try {
      await writeFile(`${path}${UNFINISHED}`, history, { mode: 0o600 });
      await rename(`${path}${UNFINISHED}`, path);
    } catch (error) {
      // It may have been deleted by hand: the next one makes it again.
      this.#hasFolder = false;
      await rm(`${path}${UNFINISHED}`, { force: true });
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await rm(this.#pathOf(name), { force: true });
  }

  async #read(path: string): Promise<Uint8Array | undefined> {
    try {
      const { size } = await stat(path);
      return size > this.#options.mostBytes ? undefined : await readFile(path);
    } catch {
      return undefined;
    }
  }

  #pathOf(name: string): string {
    return join(this.#options.folder, `${encodeURIComponent(name)}${ENDING}`);
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
