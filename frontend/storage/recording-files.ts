import { createReadStream, createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs';
import { appendFile, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Log } from '../domain/log.ts';
import type { RecordingStore } from '../domain/recording.ts';

/** Lines that wait to be written, of all apps together. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024;

const LOOK_BACK_BYTES = 65_536;

interface AppFile {
  readonly path: string;
  bytes: number;
  /** It ends with a whole line. Not so where a broker was killed, or the disk was full, in the middle of one. */
  isWhole: boolean;
  /** What `append` was told last. */
  maxBytes: number;
  waiting: string[];
}

/**
 * Recordings as files, `<app>.jsonl` and, before it, `<app>.jsonl.1`: when the first holds half of what an app may keep, it
 * takes the place of the second. Written off the road, one write at a time; where a write fails, its lines are lost, and that
 * is said.
 */
export class RecordingFiles implements RecordingStore {
  readonly #folder: string;
  readonly #log: Log;
  readonly #files = new Map<string, AppFile>();
  #waitingBytes = 0;
  #hasFailed = false;
  #writing: Promise<void> | undefined;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  append(app: string, line: string, maxBytes: number): boolean {
    const bytes = Buffer.byteLength(line) + 1;
    if (this.#waitingBytes + bytes > MOST_WAITING_BYTES || bytes > maxBytes / 2) return false;
    const file = this.#fileOf(app);
    if (file === undefined) return false;
    file.maxBytes = maxBytes;
    file.waiting.push(`${line}\n`);
    this.#waitingBytes += bytes;
    this.#writing ??= this.#write();
    return true;
  }

  /**
   * Takes out the lines of an app that `isOf` says are meant, and resolves with how many there were; what is recorded meanwhile
   * is written after. Rejects where a file cannot be written anew: it is then as it was.
   */
  async forget(app: string, isOf: (line: string) => boolean): Promise<number> {
    while (this.#writing !== undefined) await this.#writing;
    const path = join(this.#folder, `${app}.jsonl`);
    let removed = 0;
    const rewriting = (async (): Promise<void> => {
      for (const file of [path, `${path}.1`]) if (existsSync(file)) removed += await rewritten(file, isOf);
      const known = this.#files.get(app);
      if (known !== undefined) known.bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    })();
    this.#writing = rewriting.then(() => this.#write(), () => this.#write());
    await rewriting;
    return removed;
  }

  /** Resolves once everything that was taken is written, or lost. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What comes in the same turn is written together.
    await Promise.resolve();
    for (let file = this.#next(); file !== undefined; file = this.#next()) {
      const text = file.waiting.join('');
      const bytes = Buffer.byteLength(text);
      file.waiting = [];
      try {
        if (!file.isWhole) {
          file.bytes = await cutToLines(file.path);
          file.isWhole = true;
        }
        if (file.bytes > 0 && file.bytes + bytes > file.maxBytes / 2) {
          await rename(file.path, `${file.path}.1`);
          file.bytes = 0;
        }
        await appendFile(file.path, text, { mode: 0o600 });
        file.bytes += bytes;
        this.#hasFailed = false;
      } catch (err) {
        file.isWhole = false;
        this.#failed(err, file.path);
      }
      this.#waitingBytes -= bytes;
    }
    this.#writing = undefined;
  }

  /** Said once, until a write succeeds again. */
  #failed(err: unknown, path: string): void {
    if (!this.#hasFailed) this.#log.error({ err, path }, 'recorded requests could not be written');
    this.#hasFailed = true;
  }

  #next(): AppFile | undefined {
    for (const file of this.#files.values()) if (file.waiting.length > 0) return file;
    return undefined;
  }

  #fileOf(app: string): AppFile | undefined {
    const known = this.#files.get(app);
    if (known !== undefined) return known;
    const path = join(this.#folder, `${app}.jsonl`);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      const file = { path, bytes: 0, isWhole: false, maxBytes: 0, waiting: [] };
      this.#files.set(app, file);
      return file;
    } catch (err) {
      this.#failed(err, path);
      return undefined;
    }
  }
}

/** Takes away what stands behind the last whole line, so that the next one does not begin in its middle; the bytes that are left. */
async function cutToLines(path: string): Promise<number> {
  const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return 0;
  try {
    const { size } = await file.stat();
    let end = size;
    for (const piece = Buffer.alloc(LOOK_BACK_BYTES); end > 0;) {
      const from = Math.max(0, end - LOOK_BACK_BYTES);
      const { bytesRead } = await file.read(piece, 0, end - from, from);
      const last = piece.subarray(0, bytesRead).lastIndexOf(0x0a);
      end = from + last + 1;
      if (last >= 0) break;
    }
    if (end < size) await file.truncate(end);
    return end;
  } finally {
    await file.close();
  }
}

/** The whole lines. Only what was written behind each ends one: `node:readline` would also split at U+2028 and U+2029, which JSON holds as they are. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = `${rest}${piece}`.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

/** The file without those lines, in its place at once; how many there were. */
async function rewritten(path: string, isOf: (line: string) => boolean): Promise<number> {
  let removed = 0;
  const kept = async function* (): AsyncGenerator<string> {
    for await (const line of linesOf(path)) {
      if (isOf(line)) removed++;
      else yield `${line}\n`;
    }
  };
  const fresh = `${path}.new`;
  try {
    await pipeline(Readable.from(kept()), createWriteStream(fresh, { mode: 0o600, flush: true }));
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  return removed;
}
