import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminToken, AdminTokenStore } from '../domain/admin-token.ts';
import type { Deed } from '../domain/audit.ts';
import { BrokerError } from '../domain/errors.ts';

/** The token of `admin.token_file`. */
export const FILE_TOKEN = 'file';
const MOST_TOKENS = 64;

interface Options {
  readonly ifMatch?: string;
  readonly dryRun?: boolean;
  readonly by: Deed;
}

interface Names {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

type Result =
  | { readonly ok: true; readonly changed: { readonly revision: number; readonly etag: string; readonly dryRun: boolean; readonly diff: { readonly tokens: Names } } }
  | { readonly ok: false; readonly error: BrokerError };

/**
 * The bearer tokens of admin: that of the operator's file, and those made through admin, which are durable. One writer;
 * changes are made one after another and count at once. Only digests are held.
 */
export class AdminTokens {
  readonly #store: AdminTokenStore;
  #made: readonly AdminToken[];
  #file: AdminToken | undefined;
  #known: readonly { readonly name: string; readonly digest: Buffer }[] = [];
  #revision = 1;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(store: AdminTokenStore, made: readonly AdminToken[]) {
    this.#store = store;
    this.#made = made;
  }

  /** `file`: the secret in `admin.token_file`. */
  static async open(store: AdminTokenStore, file: string | undefined): Promise<AdminTokens> {
    const tokens = new AdminTokens(store, await store.loadTokens());
    tokens.readFile(file);
    return tokens;
  }

  get size(): number {
    return this.#known.length;
  }

  get etag(): string {
    return etagOf(this.#made);
  }

  /** All digests are compared, whichever fits: how long it takes says nothing. */
  nameOf(secret: string): string | undefined {
    const given = createHash('sha256').update(secret).digest();
    let found: string | undefined;
    for (const { name, digest } of this.#known) if (timingSafeEqual(given, digest)) found = name;
    return found;
  }

  list(): readonly (AdminToken & { readonly fromFile: boolean })[] {
    return [...(this.#file === undefined ? [] : [{ ...this.#file, fromFile: true }]), ...this.#made.map((token) => ({ ...token, fromFile: false }))];
  }

  /** The operator's file was read again. Says whether its secret is another; a dry run does no more than that. */
  readFile(secret: string | undefined, dryRun = false): boolean {
    const digests = secret === undefined ? undefined : [createHash('sha256').update(secret).digest('hex')];
    const isOther = digests?.[0] !== this.#file?.digests[0];
    if (dryRun) return isOther;
    this.#file = digests === undefined ? undefined : { name: FILE_TOKEN, digests };
    this.#index();
    return isOther;
  }

  put(name: string, digests: readonly string[], options: Options): Promise<Result> {
    return this.#change(options, (made) => {
      if (name === FILE_TOKEN) return new BrokerError('in_use', 'That is the token of admin.token_file: change it there.');
      const before = made.find((token) => token.name === name);
      if (before === undefined && made.length >= MOST_TOKENS) return new BrokerError('invalid_config', `There are ${MOST_TOKENS} tokens already.`);
      return [...made.filter((token) => token.name !== name), { name, digests }].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    });
  }

  remove(name: string, options: Options): Promise<Result> {
    return this.#change(options, (made) => {
      if (name === FILE_TOKEN && this.#file !== undefined) return new BrokerError('in_use', 'That is the token of admin.token_file: take it away there.');
      return made.some((token) => token.name === name) ? made.filter((token) => token.name !== name) : new BrokerError('unknown_token', `There is no token "${name}".`);
    });
  }

  #change(options: Options, edit: (made: readonly AdminToken[]) => readonly AdminToken[] | BrokerError): Promise<Result> {
    const result = this.#last.then(() => this.#perform(options, edit));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #perform({ ifMatch, dryRun = false, by }: Options, edit: (made: readonly AdminToken[]) => readonly AdminToken[] | BrokerError): Promise<Result> {
    if (ifMatch !== undefined && ifMatch !== '*' && ifMatch !== this.etag) return { ok: false, error: new BrokerError('stale_etag', `The tokens are at ${this.etag}, not at ${ifMatch}.`) };
    const after = edit(this.#made);
    if (after instanceof BrokerError) return { ok: false, error: after };
    const tokens = namesOf(this.#made, after);
    const isNew = tokens.added.length + tokens.changed.length + tokens.removed.length > 0;
    if (isNew && !dryRun) {
      await this.#store.saveTokens(after, { ...by, detail: { tokens } });
      this.#made = after;
      this.#revision++;
      this.#index();
    }
    const revision = this.#revision + (isNew && dryRun ? 1 : 0);
    return { ok: true, changed: { revision, etag: etagOf(after), dryRun, diff: { tokens } } };
  }

  #index(): void {
    this.#known = this.list().flatMap(({ name, digests }) => digests.map((digest) => ({ name, digest: Buffer.from(digest, 'hex') })));
  }
}

function etagOf(made: readonly AdminToken[]): string {
  return `"tokens-${createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 16)}"`;
}

function namesOf(before: readonly AdminToken[], after: readonly AdminToken[]): Names {
  const textOf = (tokens: readonly AdminToken[]): Map<string, string> => new Map(tokens.map(({ name, digests }) => [name, digests.join()]));
  const [old, now] = [textOf(before), textOf(after)];
  return {
    added: [...now.keys()].filter((name) => !old.has(name)),
    changed: [...now.keys()].filter((name) => old.has(name) && old.get(name) !== now.get(name)),
    removed: [...old.keys()].filter((name) => !now.has(name)),
  };
}
