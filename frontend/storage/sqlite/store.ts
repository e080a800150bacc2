import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { AdminToken, AdminTokenStore } from '../../domain/admin-token.ts';
import type { AuditEntry, AuditRecord, AuditStore } from '../../domain/audit.ts';
import type { LatencyStore } from '../../domain/latency-store.ts';
import type { NoteKind, NoteStore } from '../../domain/note-store.ts';
import { BrokerError } from '../../domain/errors.ts';
import { EMPTY_DESIRED_STATE } from '../../domain/model.ts';
import type { DesiredState, ModelKey } from '../../domain/model.ts';
import type { ReceiptKey, StateStore } from '../../domain/state-store.ts';
import type { StoredEntry, StoredRecord } from './audit-table.ts';
import { readDesired, writeDesired } from './desired-record.ts';
import type { StoredNote } from './note-table.ts';

/** What the storage thread is asked to do, and what it says. `id` 0 is the opening. */
export type StoreCall =
  | { readonly kind: 'loadDesired' | 'receiptKeys' | 'loadLatencies' | 'loadTokens' | 'close' }
  | { readonly kind: 'saveLatencies'; readonly records: readonly (readonly [key: string, record: string])[]; readonly most: number }
  | { readonly kind: 'loadNotes'; readonly of: NoteKind }
  | { readonly kind: 'saveNotes'; readonly of: NoteKind; readonly notes: readonly StoredNote[]; readonly most: number }
  | { readonly kind: 'saveDesired'; readonly expectedRevision: number; readonly revision: number; readonly state: string; readonly entry?: StoredEntry }
  | { readonly kind: 'record'; readonly entry: StoredEntry }
  | { readonly kind: 'audit'; readonly page: { readonly before: number; readonly most: number } }
  | { readonly kind: 'saveTokens'; readonly tokens: readonly (readonly [name: string, digests: string])[]; readonly entry: StoredEntry }
  | { readonly kind: 'copy'; readonly file: string };
export interface StoreReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
  /** What the system said of it, where it did: an `ErrnoException` by its fields. */
  readonly system?: { readonly code?: string; readonly syscall?: string; readonly path?: string };
}

/**
 * Opens (or makes) the state file in `folder` on a thread of its own. Rejects, with one sentence for the operator, where
 * the folder cannot be written, another broker holds it, or the file is of a newer version.
 */
export async function openSqliteStore(folder: string): Promise<SqliteStore> {
  const thread = new StorageThread(folder);
  await thread.opened;
  return {
    loadDesired: async () => {
      const text = await thread.call({ kind: 'loadDesired' });
      return typeof text === 'string' ? readDesired(text) : EMPTY_DESIRED_STATE;
    },
    saveDesired: async (expectedRevision: number, next: DesiredState, entry?: AuditEntry) => {
      if (next.revision <= expectedRevision) throw new RangeError(`revision ${next.revision} does not follow ${expectedRevision}`);
      const saved = await saving(thread, { kind: 'saveDesired', expectedRevision, revision: next.revision, state: writeDesired(next), ...(entry === undefined ? {} : { entry: writeEntry(entry) }) });
      return saved === true ? 'saved' : 'stale';
    },
    receiptKeys: async () => (await thread.call({ kind: 'receiptKeys' })) as readonly ReceiptKey[],
    loadLatencies: async () => {
      const rows = (await thread.call({ kind: 'loadLatencies' })) as readonly (readonly [ModelKey, string])[];
      return new Map(rows.map(([key, text]) => [key, readLatency(text)]));
    },
    saveLatencies: async (records: ReadonlyMap<ModelKey, unknown>, most: number) => {
      await thread.call({ kind: 'saveLatencies', records: Array.from(records, ([key, record]) => [key, JSON.stringify(record)] as const), most });
    },
    loadNotes: async (kind: NoteKind) => new Map((await thread.call({ kind: 'loadNotes', of: kind })) as readonly StoredNote[]),
    saveNotes: async (kind: NoteKind, notes: ReadonlyMap<string, Uint8Array>, most: number) => {
      await thread.call({ kind: 'saveNotes', of: kind, notes: [...notes], most });
    },
    record: async (entry: AuditEntry) => {
      await thread.call({ kind: 'record', entry: writeEntry(entry) });
    },
    audit: async ({ before = Number.MAX_SAFE_INTEGER, most }: { before?: number; most: number }) => {
      const records = (await thread.call({ kind: 'audit', page: { before, most } })) as readonly StoredRecord[];
      return records.map(({ detail, ...record }): AuditRecord => (detail === undefined ? record : { ...record, detail: JSON.parse(detail) as unknown }));
    },
    loadTokens: async () => {
      const rows = (await thread.call({ kind: 'loadTokens' })) as readonly (readonly [string, string])[];
      return rows.map(([name, digests]) => ({ name, digests: JSON.parse(digests) as readonly string[] }));
    },
    saveTokens: async (tokens: readonly AdminToken[], entry: AuditEntry) => {
      await saving(thread, { kind: 'saveTokens', tokens: tokens.map(({ name, digests }) => [name, JSON.stringify(digests)] as const), entry: writeEntry(entry) });
    },
    copyTo: async (file: string) => {
      await thread.call({ kind: 'copy', file });
    },
    close: () => thread.close(),
  };
}

/** Everything that the state file holds. */
export type SqliteStore = StateStore & LatencyStore & NoteStore & AuditStore & AdminTokenStore & {
  /** Copies the file as it stands into another, which must not be there yet. Rejects with a sentence for the operator. */
  copyTo(file: string): Promise<void>;
};

/** A change that somebody asked for: where it cannot be written (the disk is full, the file is locked) he is told so. Throws `BrokerError`. */
async function saving(thread: StorageThread, call: StoreCall): Promise<unknown> {
  try {
    return await thread.call(call);
  } catch (error) {
    throw new BrokerError('not_saved', `The change could not be saved, and was not made: ${(error as Error).message}.`, { cause: error });
  }
}

const MOST_DETAIL_CHARS = 8_192;
const MOST_WORD_CHARS = 512;

/** What is too long is cut, so that a record is bounded; of a detail only its length is left. */
function writeEntry({ who, what, detail }: AuditEntry): StoredEntry {
  const text = detail === undefined ? undefined : JSON.stringify(detail);
  const kept = text === undefined || text.length <= MOST_DETAIL_CHARS ? text : JSON.stringify({ left_out_characters: text.length });
  return { who: who.slice(0, MOST_WORD_CHARS), what: what.slice(0, MOST_WORD_CHARS), ...(kept === undefined ? {} : { detail: kept }) };
}

function readLatency(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Calls to the worker by number; its end settles all that are open. */
class StorageThread {
  readonly opened: Promise<unknown>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiter>();
  readonly #ended: Promise<void>;
  #over = false;
  #lastId = 0;

  constructor(folder: string) {
    // The extension is this file's own: .ts in a checkout, .js where the package was built.
    this.#worker = new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url), { workerData: { folder } });
    this.opened = this.#wait(0);
    this.#worker.on('message', (reply: StoreReply) => this.#settle(reply));
    this.#worker.on('error', (error: Error) => this.#failAll(error));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#failAll(new Error('the storage thread has ended'));
        resolve();
      });
    });
  }

  call(call: StoreCall): Promise<unknown> {
    if (this.#over) return Promise.reject(new Error('the storage thread has ended'));
    const id = ++this.#lastId;
    const answer = this.#wait(id);
    this.#worker.postMessage({ id, call });
    return answer;
  }

  async close(): Promise<void> {
    if (!this.#over) await this.call({ kind: 'close' });
    await this.#ended;
  }

  #wait(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #settle({ id, value, error, system }: StoreReply): void {
    const waiter = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiter?.resolve(value);
    else waiter?.reject(Object.assign(new Error(error), system));
  }

  #failAll(error: Error): void {
    this.#over = true;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
