import { hash, timingSafeEqual } from 'node:crypto';
import { TokenBucket } from '../control/token-bucket.ts';
import type { AppAccess } from '../domain/access.ts';
import type { Failure } from '../domain/answer.ts';
import type { Clock } from '../domain/clock.ts';
import { ERRORS } from '../domain/errors.ts';
import type { Cell, Meter } from '../domain/meter.ts';
import type { AccessSpec, AppSpec } from '../domain/model.ts';

interface HeldToken {
  readonly name: string;
  readonly digest: Buffer;
  readonly bucket: TokenBucket | undefined;
  readonly allowed: Cell;
  readonly limited: Cell;
}

interface Guarded {
  readonly access: AccessSpec;
  readonly tokens: readonly HeldToken[];
  readonly unauthenticated: Cell;
  readonly forbidden: Cell;
}

/** RFC 6750, section 2.1; the scheme in any case. */
const BEARER = /^bearer +([\x21-\x7e]{1,512}) *$/iu;

/**
 * The tokens of apps, as digests: what is shown is hashed and held against every one of the app's in constant time, so that
 * neither a token nor which one it nearly was can be told from the outside. A token of another app is `forbidden`.
 */
export class AppTokens implements AppAccess {
  readonly #clock: Clock;
  readonly #meter: Meter;
  #apps = new Map<string, Guarded>();
  /** Digests of all apps, in hexadecimal. */
  #known: ReadonlySet<string> = new Set();

  constructor({ clock, meter }: { clock: Clock; meter: Meter }) {
    this.#clock = clock;
    this.#meter = meter;
  }

  /** The apps as they are from now on. Who has taken of a rate has done so also under the next definition of its app. */
  apply(apps: Readonly<Record<string, AppSpec>>): void {
    const next = new Map<string, Guarded>();
    for (const { name, access } of Object.values(apps)) {
      if (access === undefined) continue;
      const before = this.#apps.get(name);
      next.set(name, before !== undefined && JSON.stringify(before.access) === JSON.stringify(access) ? before : this.#guard(name, access, before));
    }
    this.#apps = next;
    this.#known = new Set([...next.values()].flatMap(({ access }) => access.tokens.map(({ sha256 }) => sha256)));
  }

  refusal({ name, access }: Pick<AppSpec, 'name' | 'access'>, authorization: string | undefined): Failure | undefined {
    if (access === undefined) return undefined;
    const guarded = this.#apps.get(name);
    const given = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
    if (guarded === undefined || given === undefined) return this.#refused('unauthenticated', guarded?.unauthenticated);
    const digest = hash('sha256', given, 'buffer');
    let found: HeldToken | undefined;
    for (const token of guarded.tokens) if (timingSafeEqual(token.digest, digest)) found = token;
    if (found === undefined) {
      return this.#known.has(digest.toString('hex')) ? this.#refused('forbidden', guarded.forbidden) : this.#refused('unauthenticated', guarded.unauthenticated);
    }
    const waitMicros = found.bucket?.take(this.#clock.now()) ?? 0;
    this.#meter.add(waitMicros > 0 ? found.limited : found.allowed, 1);
    return waitMicros > 0 ? { code: 'rate_limited', message: ERRORS.rate_limited.message, retryAfterMs: Math.ceil(waitMicros / 1000) } : undefined;
  }

  #refused(code: 'unauthenticated' | 'forbidden', cell: Cell | undefined): Failure {
    if (cell !== undefined) this.#meter.add(cell, 1);
    return { code, message: ERRORS[code].message };
  }

  #guard(app: string, access: AccessSpec, before: Guarded | undefined): Guarded {
    const cell = (token: string, outcome: string): Cell => this.#meter.cell('tradewind_access_total', { app, token, outcome });
    const sameRate = JSON.stringify(before?.access.rate) === JSON.stringify(access.rate);
    const tokens = access.tokens.map(({ name, sha256 }): HeldToken => {
      const held = sameRate ? before?.tokens.find((token) => token.name === name)?.bucket : undefined;
      const fresh = access.rate === undefined ? undefined : new TokenBucket(access.rate);
      return { name, digest: Buffer.from(sha256, 'hex'), bucket: held ?? fresh, allowed: cell(name, 'allowed'), limited: cell(name, 'rate_limited') };
    });
    return { access, tokens, unauthenticated: cell('', 'unauthenticated'), forbidden: cell('', 'forbidden') };
  }
}
