import type { DecisionKey } from '../../frontend/domain/decision.ts';
import { StoreFault, type AppRevision, type Claim, type ClaimCommit, type CommitOutcome, type DecisionPage, type FeedbackStore, type StoredApp, type StoredDecision, type StoreTrouble } from '../../frontend/domain/feedback.ts';
import { incremented } from '../../frontend/domain/cells.ts';
import { CellTable } from '../../frontend/storage/cell-table.ts';
import { KeyTable } from '../../frontend/storage/key-table.ts';

const PAGE = 3;

/** A store in memory that does what the contract says, unless it is told to fail. */
export class MemoryFeedbackStore implements FeedbackStore {
  readonly cells = new CellTable();
  /** What is stored of context keys: the cells of each, by app and hash in hexadecimal. */
  readonly keyed = new Map<string, Map<string, bigint>>();
  readonly keys = new KeyTable({ maxBytes: 1e6, load: async (app, contexts) => {
    for (const context of contexts) this.keys.put(app, context, this.keyed.get(keyName(app, context)) ?? []);
  } });
  readonly claims = new Map<string, Claim>();
  readonly journal: StoredDecision[] = [];
  readonly revisions: AppRevision[] = [];
  /** Each group that was committed, by its number of commits. */
  readonly groups: number[] = [];
  served: readonly StoredApp[] = [];
  trims = 0;
  /** How often definitions of apps were asked for. */
  loads = 0;
  sweptCount = 0;
  trouble: StoreTrouble | undefined;
  room = 1e6;
  full: Extract<CommitOutcome, { kind: 'full' }>['what'] | undefined;
  /** Claims that are not there have been dropped. */
  forgets = false;
  leased = true;
  /** Of every app. */
  #generation = 0;

  async serve(apps: readonly StoredApp[]): Promise<void> {
    this.#mayFail();
    this.served = apps;
  }

  async commit(app: string, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]> {
    this.#mayFail();
    this.groups.push(commits.length);
    return commits.map(({ key, row, expected, generation, state, increments, keyed }): CommitOutcome => {
      if (generation !== this.#generation) return { kind: 'outdated', generation: this.#generation };
      const name = `${app} ${Buffer.from(key.id).toString('hex')} ${row}`;
      const claim = this.claims.get(name) ?? { version: 0, state: new Uint8Array() };
      if (claim.version !== expected) return { kind: 'conflict', claim };
      if (this.forgets && expected === 0) return { kind: 'forgotten' };
      if (this.full !== undefined) return { kind: 'full', what: this.full };
      this.claims.set(name, { version: expected + 1, state: Uint8Array.from(state) });
      this.cells.add(app, increments);
      if (keyed !== undefined) {
        const cells = this.keyed.get(keyName(app, keyed.context)) ?? new Map<string, bigint>();
        for (const increment of keyed.increments) cells.set(increment.cell, incremented(cells.get(increment.cell), increment));
        this.keyed.set(keyName(app, keyed.context), cells);
        this.keys.add(app, keyed.context, keyed.increments);
      }
      return { kind: 'applied' };
    });
  }

  async removeCells(app: string, cells: readonly string[] | 'all'): Promise<void> {
    this.#mayFail();
    this.cells.remove(app, cells);
    if (cells !== 'all') return;
    this.keyed.clear();
    this.#generation++;
  }

  generation(): number {
    return this.#generation;
  }

  async readKeys(app: string, contexts: readonly Uint8Array[]): Promise<readonly Map<string, bigint>[]> {
    this.#mayFail();
    return contexts.map((context) => this.keyed.get(keyName(app, context)) ?? new Map<string, bigint>());
  }

  async removeKey(app: string, context: Uint8Array, cells: readonly string[] | 'all'): Promise<void> {
    this.#mayFail();
    if (cells === 'all') this.keyed.delete(keyName(app, context));
    else for (const cell of cells) this.keyed.get(keyName(app, context))?.delete(cell);
    this.keys.remove(app, context, cells);
  }

  async append(_app: string, decisions: readonly StoredDecision[]): Promise<void> {
    this.#mayFail();
    this.journal.push(...decisions.map((decision) => ({ ...decision, record: Uint8Array.from(decision.record) })));
  }

  async decisions(_app: string, keys: readonly DecisionKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    this.#mayFail();
    return keys.map(({ id }) => this.journal.find((decision) => Buffer.compare(decision.id, id) === 0)?.record);
  }

  async due(_app: string, beforeEpochMs: number): Promise<DecisionPage> {
    this.#mayFail();
    const decisions = this.journal.slice(this.sweptCount, this.sweptCount + PAGE).filter(({ atEpochMs }) => atEpochMs < beforeEpochMs);
    return { decisions, cursor: String(this.sweptCount + decisions.length) };
  }

  async swept(_app: string, cursor: string): Promise<void> {
    this.#mayFail();
    this.sweptCount = Number(cursor);
  }

  async lease(): Promise<boolean> {
    this.#mayFail();
    return this.leased;
  }

  async trim(): Promise<boolean> {
    this.#mayFail();
    this.trims++;
    return false;
  }

  async saveRevisions(revisions: readonly AppRevision[]): Promise<void> {
    this.#mayFail();
    this.revisions.push(...revisions);
  }

  async loadRevisions(): Promise<readonly AppRevision[]> {
    this.loads++;
    this.#mayFail();
    return this.revisions;
  }

  async copyTo(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {}

  #mayFail(): void {
    if (this.trouble !== undefined) throw new StoreFault(this.trouble, `the store is ${this.trouble}`);
  }
}

function keyName(app: string, context: Uint8Array): string {
  return `${app} ${Buffer.from(context).toString('hex')}`;
}
