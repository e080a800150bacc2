import type { DecisionKey } from '../../frontend/domain/decision.ts';
import { StoreFault, type AppRevision, type Claim, type ClaimCommit, type CommitOutcome, type DecisionPage, type FeedbackStore, type StoredApp, type StoredDecision, type StoreTrouble } from '../../frontend/domain/feedback.ts';
import { CellTable } from '../../frontend/storage/cell-table.ts';

const PAGE = 3;

/** A store in memory that does what the contract says, unless it is told to fail. */
export class MemoryFeedbackStore implements FeedbackStore {
  readonly cells = new CellTable();
  readonly claims = new Map<string, Claim>();
  readonly journal: StoredDecision[] = [];
  readonly revisions: AppRevision[] = [];
  /** Each group that was committed, by its number of commits. */
  readonly groups: number[] = [];
  served: readonly StoredApp[] = [];
  trims = 0;
  sweptCount = 0;
  trouble: StoreTrouble | undefined;
  room = 1e6;
  full: Extract<CommitOutcome, { kind: 'full' }>['what'] | undefined;
  leased = true;

  async serve(apps: readonly StoredApp[]): Promise<void> {
    this.#mayFail();
    this.served = apps;
  }

  async commit(app: string, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]> {
    this.#mayFail();
    this.groups.push(commits.length);
    return commits.map(({ key, row, expected, state, increments }): CommitOutcome => {
      const name = `${app} ${Buffer.from(key.id).toString('hex')} ${row}`;
      const claim = this.claims.get(name) ?? { version: 0, state: new Uint8Array() };
      if (claim.version !== expected) return { kind: 'conflict', claim };
      if (this.full !== undefined) return { kind: 'full', what: this.full };
      this.claims.set(name, { version: expected + 1, state: Uint8Array.from(state) });
      this.cells.add(app, increments);
      return { kind: 'applied' };
    });
  }

  async removeCells(app: string, cells: readonly string[] | 'all'): Promise<void> {
    this.#mayFail();
    this.cells.remove(app, cells);
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
    this.#mayFail();
    return this.revisions;
  }

  async close(): Promise<void> {}

  #mayFail(): void {
    if (this.trouble !== undefined) throw new StoreFault(this.trouble, `the store is ${this.trouble}`);
  }
}
