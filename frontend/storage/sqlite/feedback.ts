import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Cells } from '../../../selection-policies/policy.ts';
import type { DecisionKey } from '../../domain/decision.ts';
import { StoreFault, type AppRevision, type ClaimCommit, type CommitOutcome, type DecisionPage, type FeedbackStore, type StoredApp, type StoredDecision } from '../../domain/feedback.ts';
import { piecesBySize } from '../../domain/pieces.ts';
import { ByteRing } from './byte-ring.ts';
import { CellTable } from '../cell-table.ts';
import { KEY_TABLE_BYTES, KeyTable } from '../key-table.ts';
import { packCall, type FeedbackCall, type FeedbackReply, type FeedbackWord } from './feedback-call.ts';

const RING_BYTES = 16 * 1024 * 1024;
/** A frame has its length before it. */
const MOST_FRAME_BYTES = RING_BYTES - 4;
/** About the longest call that commits: a group of rewards may change thousands of cells each. */
const CALL_BYTES = 2 * 1024 * 1024;
/** Of a commit and of an increment, without what they name. */
const COMMIT_BYTES = 64;
const INCREMENT_BYTES = 16;
/** Decisions leave this much to everything else. */
const RESERVED_BYTES = 4 * 1024 * 1024;

/**
 * Opens (or makes) the feedback file in `folder` on a thread of its own. Rejects, with one sentence for the operator, where
 * it cannot be used. Calls of one turn of the event loop are put to the disk together.
 */
export async function openSqliteFeedback(folder: string, { heldKeyBytes = KEY_TABLE_BYTES }: { heldKeyBytes?: number } = {}): Promise<FeedbackStore> {
  const store = new SqliteFeedback(folder, heldKeyBytes);
  await store.opened;
  return store;
}

type StoredCells = readonly (readonly [string, bigint])[];

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (fault: StoreFault) => void;
}

/** The broker's end of the feedback thread. */
class SqliteFeedback implements FeedbackStore {
  readonly cells = new CellTable();
  readonly keys: KeyTable;
  readonly opened: Promise<unknown>;
  readonly #ring = new ByteRing({ capacityBytes: RING_BYTES });
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, Waiter>();
  /** Of apps, where a commit was told. */
  readonly #generations = new Map<string, number>();
  #lastId = 0;
  #waking = false;
  #over = false;

  constructor(folder: string, heldKeyBytes: number) {
    this.keys = new KeyTable({ maxBytes: heldKeyBytes, load: (app, contexts) => this.#loadKeys(app, contexts) });
    // The extension is this file's own: .ts in a checkout, .js where the package was built.
    this.#worker = new Worker(new URL(`./feedback-worker${extname(import.meta.url)}`, import.meta.url), { workerData: { folder, memory: this.#ring.memory } });
    this.opened = this.#wait(0);
    this.#worker.on('message', (replies: readonly FeedbackReply[]) => {
      for (const reply of replies) this.#settle(reply);
    });
    this.#worker.on('error', (error: Error) => this.#failAll(error.message));
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#failAll('the feedback thread has ended');
        resolve();
      });
    });
  }

  get room(): number {
    return this.#over ? 0 : Math.max(0, this.#ring.room - RESERVED_BYTES);
  }

  async serve(apps: readonly StoredApp[]): Promise<void> {
    const fresh = (await this.#call({ kind: 'serve', apps })) as readonly (readonly [string, readonly (readonly [string, bigint])[]])[];
    // Only now: of an app that the thread still serves it would not tell the cells again.
    const served = new Set(apps.map(({ name }) => name));
    this.cells.keep(served);
    this.keys.keep(served);
    for (const [app, cells] of fresh) this.cells.replace(app, cells);
  }

  async commit(app: string, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]> {
    const pieces = piecesBySize(commits, CALL_BYTES, bytesOf);
    const outcomes: CommitOutcome[] = [];
    // One after another: all of them together may be more than the ring holds.
    for (const { items } of pieces) outcomes.push(...(await this.#commitPiece(app, items)));
    return outcomes;
  }

  async #commitPiece(app: string, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]> {
    const outcomes = (await this.#call({ kind: 'commit', app, commits })) as readonly CommitOutcome[] | undefined;
    commits.forEach(({ increments, keyed }, i) => {
      const outcome = outcomes?.[i];
      if (outcome?.kind === 'outdated') this.#generations.set(app, outcome.generation);
      if (outcomes !== undefined && outcome?.kind !== 'applied') return;
      this.cells.add(app, increments);
      if (keyed !== undefined) this.keys.add(app, keyed.context, keyed.increments);
    });
    return outcomes ?? commits.map(() => ({ kind: 'applied' }));
  }

  generation(app: string): number {
    return this.#generations.get(app) ?? 0;
  }

  async removeCells(app: string, cells: readonly string[] | 'all'): Promise<void> {
    await this.#call({ kind: 'removeCells', app, cells });
    this.cells.remove(app, cells);
    if (cells === 'all') this.keys.forget(app);
  }

  async readKeys(app: string, contexts: readonly Uint8Array[]): Promise<readonly Cells[]> {
    const held = contexts.map((context) => this.keys.peek(app, context));
    const cold = contexts.filter((_, i) => held[i] === undefined);
    const found = cold.length === 0 ? [] : await this.#readKeys(app, cold);
    let at = 0;
    return held.map((cells) => cells ?? new Map(found[at++]));
  }

  async removeKey(app: string, context: Uint8Array, cells: readonly string[] | 'all'): Promise<void> {
    await this.#call({ kind: 'removeKey', app, context, cells });
    this.keys.remove(app, context, cells);
  }

  async append(app: string, decisions: readonly StoredDecision[]): Promise<void> {
    await this.#call({ kind: 'append', app, decisions });
  }

  async decisions(app: string, keys: readonly DecisionKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    return (await this.#call({ kind: 'decisions', app, keys })) as readonly (Uint8Array | undefined)[];
  }

  async due(app: string, beforeEpochMs: number): Promise<DecisionPage> {
    return (await this.#call({ kind: 'due', app, beforeEpochMs })) as DecisionPage;
  }

  async swept(app: string, cursor: string): Promise<void> {
    await this.#call({ kind: 'swept', app, cursor });
  }

  /** Nobody else has this file. */
  async lease(): Promise<boolean> {
    return true;
  }

  async trim(app: string, nowEpochMs: number): Promise<boolean> {
    const { more, keys } = (await this.#call({ kind: 'trim', app, nowEpochMs })) as { more: boolean; keys: readonly Uint8Array[] };
    for (const context of keys) this.keys.remove(app, context, 'all');
    return more;
  }

  async saveRevisions(revisions: readonly AppRevision[]): Promise<void> {
    await this.#call({ kind: 'saveRevisions', revisions });
  }

  async loadRevisions(): Promise<readonly AppRevision[]> {
    return (await this.#call({ kind: 'loadRevisions' })) as readonly AppRevision[];
  }

  async copyTo(file: string): Promise<boolean> {
    if (this.#over) throw new StoreFault('gone', 'the feedback thread has ended');
    const id = ++this.#lastId;
    this.#worker.postMessage({ copyTo: file, id } satisfies FeedbackWord);
    await this.#wait(id);
    return true;
  }

  /** Carries out what was asked, then ends the thread. */
  async close(): Promise<void> {
    if (!this.#over) this.#worker.postMessage('close');
    await this.#ended;
  }

  /** In the turn in which the thread answers: a commit that it answered before is in what was read, one after it is not. */
  async #loadKeys(app: string, contexts: readonly Uint8Array[]): Promise<void> {
    const found = (await this.#call({ kind: 'readKeys', app, contexts })) as readonly StoredCells[];
    contexts.forEach((context, i) => this.keys.put(app, context, found[i] ?? []));
  }

  async #readKeys(app: string, contexts: readonly Uint8Array[]): Promise<readonly StoredCells[]> {
    return (await this.#call({ kind: 'readKeys', app, contexts })) as readonly StoredCells[];
  }

  #call(call: FeedbackCall): Promise<unknown> {
    if (this.#over) return Promise.reject(new StoreFault('gone', 'the feedback thread has ended'));
    const id = ++this.#lastId;
    const frame = packCall(id, call);
    if (frame.length > MOST_FRAME_BYTES) return Promise.reject(new StoreFault('full', `${frame.length} bytes at once are more than the feedback thread takes: ${MOST_FRAME_BYTES}`));
    if (!this.#ring.write(frame)) return Promise.reject(new StoreFault('slow', 'the feedback thread is behind: its ring is full'));
    if (!this.#waking) {
      this.#waking = true;
      setImmediate(() => {
        this.#waking = false;
        if (!this.#over) this.#worker.postMessage('wake');
      });
    }
    return this.#wait(id);
  }

  #wait(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #settle(reply: FeedbackReply): void {
    const waiter = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('trouble' in reply) waiter?.reject(new StoreFault(reply.trouble, reply.error));
    else waiter?.resolve(reply.value);
  }

  #failAll(why: string): void {
    this.#over = true;
    for (const { reject } of this.#waiting.values()) reject(new StoreFault('gone', why));
    this.#waiting.clear();
  }
}

/** About what a commit takes in a call. */
function bytesOf({ state, increments, keyed }: ClaimCommit): number {
  let bytes = COMMIT_BYTES + state.length;
  for (const { cell } of increments) bytes += INCREMENT_BYTES + cell.length;
  for (const { cell } of keyed?.increments ?? []) bytes += INCREMENT_BYTES + cell.length;
  return bytes;
}
