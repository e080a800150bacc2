import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { DecisionKey } from '../../domain/decision.ts';
import { StoreFault, type AppRevision, type ClaimCommit, type CommitOutcome, type DecisionPage, type FeedbackStore, type StoredApp, type StoredDecision } from '../../domain/feedback.ts';
import { ByteRing } from './byte-ring.ts';
import { CellTable } from '../cell-table.ts';
import { packCall, type FeedbackCall, type FeedbackReply } from './feedback-call.ts';

const RING_BYTES = 16 * 1024 * 1024;
/** Decisions leave this much to everything else. */
const RESERVED_BYTES = 4 * 1024 * 1024;

/**
 * Opens (or makes) the feedback file in `folder` on a thread of its own. Rejects, with one sentence for the operator, where
 * it cannot be used. Calls of one turn of the event loop are put to the disk together.
 */
export async function openSqliteFeedback(folder: string): Promise<FeedbackStore> {
  const store = new SqliteFeedback(folder);
  await store.opened;
  return store;
}

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (fault: StoreFault) => void;
}

/** The broker's end of the feedback thread. */
class SqliteFeedback implements FeedbackStore {
  readonly cells = new CellTable();
  readonly opened: Promise<unknown>;
  readonly #ring = new ByteRing({ capacityBytes: RING_BYTES });
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #waiting = new Map<number, Waiter>();
  #lastId = 0;
  #waking = false;
  #over = false;

  constructor(folder: string) {
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
    this.cells.keep(new Set(apps.map(({ name }) => name)));
    const fresh = (await this.#call({ kind: 'serve', apps })) as readonly (readonly [string, readonly (readonly [string, bigint])[]])[];
    for (const [app, cells] of fresh) this.cells.replace(app, cells);
  }

  async commit(app: string, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]> {
    const outcomes = (await this.#call({ kind: 'commit', app, commits })) as readonly CommitOutcome[] | undefined;
    commits.forEach(({ increments }, i) => {
      if (outcomes === undefined || outcomes[i]?.kind === 'applied') this.cells.add(app, increments);
    });
    return outcomes ?? commits.map(() => ({ kind: 'applied' }));
  }

  async removeCells(app: string, cells: readonly string[] | 'all'): Promise<void> {
    await this.#call({ kind: 'removeCells', app, cells });
    this.cells.remove(app, cells);
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
    return (await this.#call({ kind: 'trim', app, nowEpochMs })) === true;
  }

  async saveRevisions(revisions: readonly AppRevision[]): Promise<void> {
    await this.#call({ kind: 'saveRevisions', revisions });
  }

  async loadRevisions(): Promise<readonly AppRevision[]> {
    return (await this.#call({ kind: 'loadRevisions' })) as readonly AppRevision[];
  }

  /** Carries out what was asked, then ends the thread. */
  async close(): Promise<void> {
    if (!this.#over) this.#worker.postMessage('close');
    await this.#ended;
  }

  #call(call: FeedbackCall): Promise<unknown> {
    if (this.#over) return Promise.reject(new StoreFault('gone', 'the feedback thread has ended'));
    const id = ++this.#lastId;
    if (!this.#ring.write(packCall(id, call))) return Promise.reject(new StoreFault('slow', 'the feedback thread is behind: its ring is full'));
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
