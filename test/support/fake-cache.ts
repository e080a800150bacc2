import type { AdminCache } from '../../frontend/http/admin/cache.ts';

/** A cache as admin sees it, with what was put in by hand. */
export class FakeCache implements AdminCache {
  readonly pending = 2;
  readonly maxBytes = 1000;
  readonly evictions = 7;
  /** One a scope: several of one owner where its answers are read in several ways. */
  #scopes = [{ owner: 'n@2', entries: 1, bytes: 10 }, { owner: 'm@1', entries: 2, bytes: 20 }, { owner: 'n@2', entries: 3, bytes: 30 }];

  get entries(): number {
    return this.#scopes.reduce((sum, { entries }) => sum + entries, 0);
  }
  get bytes(): number {
    return this.#scopes.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  scopes(): Iterable<{ readonly owner: string; readonly entries: number; readonly bytes: number }> {
    return this.#scopes;
  }

  clear(owner?: string): number {
    const before = this.entries;
    this.#scopes = this.#scopes.filter((scope) => owner !== undefined && scope.owner !== owner);
    return before - this.entries;
  }
}
