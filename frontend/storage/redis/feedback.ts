import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { DecisionKey } from '../../domain/decision.ts';
import { StoreFault, type AppRevision, type ClaimCommit, type CommitOutcome, type DecisionPage, type FeedbackStore, type StoredApp, type StoredDecision } from '../../domain/feedback.ts';
import type { Log } from '../../domain/log.ts';
import type { ReceiptKey } from '../../domain/state-store.ts';
import { CellTable } from '../cell-table.ts';
import { claimKey, firstMinuteKept, goesAtEpochMs, minuteOf, placeOf, readPlace } from '../claim-key.ts';
import { RedisConnection, type RedisValue } from './connection.ts';
import { APPEND, CHANGES, COMMIT, LEASE, READ, REMOVE } from './scripts.ts';

/** Snapshots are at most 100 ms old: asked for twice in that time. */
const POLL_MICROS = 50_000;
/** Commits of one script: it keeps Redis from others for about a millisecond. */
const MOST_COMMITS = 256;
const MOST_INCREMENTS = 16_384;
/** More than any commit changes. */
const PAGE_CELLS = 10_000;
const PAGE_DECISIONS = 1_000;
const MOST_REVISIONS = 4_096;
/** Bytes of decisions that may be on their way. */
const MOST_UNDERWAY_BYTES = 16 * 1024 * 1024;

export interface RedisFeedbackParts {
  readonly url: string;
  /** Those that decision ids are signed with: brokers on one Redis must agree on them. */
  readonly keys: readonly ReceiptKey[];
  readonly clock: Clock;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
  readonly log: Log;
}

/**
 * Claims, cells and decisions in a Redis that brokers share. Rejects, with one sentence for the operator, where it cannot be
 * reached, or where another broker signs with another key of the same number.
 */
export async function openRedisFeedback(parts: RedisFeedbackParts): Promise<FeedbackStore> {
  const redis = await RedisConnection.open(parts.url, parts.log);
  try {
    await checkKeys(redis, parts.keys);
    await warnOfPersistence(redis, parts.log);
  } catch (thrown) {
    redis.close();
    throw thrown;
  }
  return new RedisFeedback(redis, parts);
}

interface KnownApp {
  bounds: StoredApp;
  readonly keys: AppKeys;
  version: number;
  epoch: string;
}

class RedisFeedback implements FeedbackStore {
  readonly cells = new CellTable();
  readonly #redis: RedisConnection;
  readonly #clock: Clock;
  readonly #epochOffsetMicros: number;
  readonly #apps = new Map<string, KnownApp>();
  readonly #broker = randomBytes(12).toString('hex');
  #underwayBytes = 0;
  #stopPoll: () => void = () => undefined;
  #polling: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(redis: RedisConnection, { clock, epochOffsetMicros }: RedisFeedbackParts) {
    this.#redis = redis;
    this.#clock = clock;
    this.#epochOffsetMicros = epochOffsetMicros;
    this.#pollLater();
  }

  get room(): number {
    return Math.max(0, MOST_UNDERWAY_BYTES - this.#underwayBytes);
  }

  async serve(apps: readonly StoredApp[]): Promise<void> {
    const served = new Set(apps.map(({ name }) => name));
    for (const name of this.#apps.keys()) if (!served.has(name)) this.#apps.delete(name);
    this.cells.keep(served);
    const fresh: KnownApp[] = [];
    for (const bounds of apps) {
      const known = this.#apps.get(bounds.name);
      if (known === undefined) fresh.push({ bounds, keys: new AppKeys(bounds.name), version: 0, epoch: '' });
      else known.bounds = bounds;
    }
    for (const app of fresh) {
      this.#apps.set(app.bounds.name, app);
      await this.#refresh(app);
    }
  }

  async commit(name: string, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]> {
    const app = this.#app(name);
    const pieces = piecesOf(commits).map((piece) => this.#commitPiece(app, piece));
    const settled = await Promise.allSettled(pieces);
    for (const piece of settled) if (piece.status === 'rejected') throw piece.reason;
    return settled.flatMap((piece) => (piece.status === 'fulfilled' ? piece.value : []));
  }

  async #commitPiece({ bounds, keys }: KnownApp, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]> {
    const minutes = new Map<number, number>();
    const args: RedisValue[] = [];
    for (const { key, row, expected, state, increments } of commits) {
      args.push(indexOf(minutes, minuteOf(key)), bytes(claimKey(key, row)), expected, bytes(state), increments.length);
      for (const increment of increments) {
        if ('add' in increment) args.push('a', increment.cell, String(increment.add));
        else args.push('m', increment.cell, String(increment.max));
      }
    }
    const head: RedisValue[] = [bounds.maxClaims, bounds.maxCells, firstMinuteKept(this.#nowEpochMs(), bounds.windowMs), minutes.size];
    for (const minute of minutes.keys()) head.push(minute, goesAtEpochMs(minute, bounds.windowMs));
    const claims = [...minutes.keys()].map((minute) => keys.claims(minute));
    const said = (await this.#redis.script(COMMIT, [keys.meta, keys.counts, keys.cells, keys.versions, ...claims], [...head, ...args])) as readonly (number | Buffer)[];
    return said.map(outcomeOf);
  }

  async removeCells(name: string, cells: readonly string[] | 'all'): Promise<void> {
    const app = this.#app(name);
    const { meta, cells: held, versions } = app.keys;
    if (cells === 'all') await this.#redis.script(REMOVE, [meta, held, versions], []);
    else for (let at = 0; at < cells.length; at += PAGE_CELLS) await this.#redis.script(REMOVE, [meta, held, versions], cells.slice(at, at + PAGE_CELLS));
    await this.#refresh(app);
  }

  async append(name: string, decisions: readonly StoredDecision[]): Promise<void> {
    const { bounds, keys } = this.#app(name);
    const minutes = new Map<number, number>();
    const args: RedisValue[] = [];
    let underway = 0;
    for (const decision of decisions) {
      args.push(indexOf(minutes, minuteOf(decision)), bytes(placeOf(decision)), bytes(decision.record));
      underway += decision.record.length;
    }
    const indexes = [...minutes.keys()].map((minute) => keys.index(minute));
    // A label may come until the window is over; by then the journal may have let the record go.
    const ends = [...minutes.keys()].map((minute) => goesAtEpochMs(minute, bounds.windowMs));
    this.#underwayBytes += underway;
    try {
      await this.#redis.script(APPEND, [keys.journal, ...indexes], [minutes.size, ...ends, ...args]);
    } finally {
      this.#underwayBytes -= underway;
    }
  }

  async decisions(name: string, wanted: readonly DecisionKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    const { keys } = this.#app(name);
    const minutes = new Map<number, number>();
    const args = wanted.flatMap((key): RedisValue[] => [indexOf(minutes, minuteOf(key)), bytes(placeOf(key))]);
    const found = (await this.#redis.script(READ, [keys.journal, ...[...minutes.keys()].map((minute) => keys.index(minute))], args)) as readonly (Buffer | null)[];
    return found.map((record) => record ?? undefined);
  }

  async due(name: string, beforeEpochMs: number): Promise<DecisionPage> {
    const { keys } = this.#app(name);
    const swept = ((await this.#redis.run('HGET', [keys.meta, 'swept'])) as Buffer | null)?.toString() ?? '0-0';
    const entries = (await this.#redis.run('XRANGE', [keys.journal, `(${swept}`, `${Math.max(0, beforeEpochMs)}`, 'COUNT', PAGE_DECISIONS])) as readonly [Buffer, readonly Buffer[]][];
    const decisions: StoredDecision[] = [];
    let cursor = swept;
    for (const [id, [, place, , record]] of entries) {
      if (place === undefined || record === undefined) continue;
      const key = readPlace(place);
      // The broker's clock is ahead of Redis's: its turn will come.
      if (key.atEpochMs >= beforeEpochMs) break;
      decisions.push({ ...key, record });
      cursor = id.toString();
    }
    return { decisions, cursor };
  }

  async swept(name: string, cursor: string): Promise<void> {
    await this.#redis.run('HSET', [this.#app(name).keys.meta, 'swept', cursor]);
  }

  async lease(name: string, holdMs: number): Promise<boolean> {
    return (await this.#redis.script(LEASE, [this.#app(name).keys.lease], [this.#broker, holdMs])) === 1;
  }

  /** Claims go by themselves, with their minute. The journal's bytes are what Redis says that it holds, by sample. */
  async trim(name: string, nowEpochMs: number): Promise<boolean> {
    const { keys, bounds } = this.#app(name);
    await this.#redis.run('XTRIM', [keys.journal, 'MINID', Math.max(0, nowEpochMs - bounds.journalMaxAgeMs)]);
    const held = Number((await this.#redis.run('MEMORY', ['USAGE', keys.journal])) ?? 0);
    if (held <= bounds.journalMaxBytes) return false;
    const length = Number(await this.#redis.run('XLEN', [keys.journal]));
    await this.#redis.run('XTRIM', [keys.journal, 'MAXLEN', Math.floor((length * bounds.journalMaxBytes) / held)]);
    return false;
  }

  async saveRevisions(revisions: readonly AppRevision[]): Promise<void> {
    const savedAt = this.#nowEpochMs();
    const fields = revisions.flatMap(({ fingerprint, app, arms }): RedisValue[] => [bytes(fingerprint), JSON.stringify({ app, arms, savedAt })]);
    if (fields.length > 0) await this.#redis.run('HSET', [REVISIONS, ...fields]);
  }

  async loadRevisions(): Promise<readonly AppRevision[]> {
    const all = (await this.#redis.run('HGETALL', [REVISIONS])) as readonly Buffer[];
    const found: (AppRevision & { readonly savedAt: number })[] = [];
    for (let i = 0; i + 1 < all.length; i += 2) {
      const [fingerprint, text] = [all[i], all[i + 1]];
      if (fingerprint !== undefined && text !== undefined) found.push({ fingerprint, ...(JSON.parse(text.toString()) as { app: string; arms: string[]; savedAt: number }) });
    }
    found.sort((a, b) => b.savedAt - a.savedAt);
    const old = found.splice(MOST_REVISIONS);
    if (old.length > 0) await this.#redis.run('HDEL', [REVISIONS, ...old.map(({ fingerprint }) => bytes(fingerprint))]);
    return found;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopPoll();
    await this.#polling;
    this.#redis.close();
  }

  #pollLater(): void {
    if (this.#closed) return;
    this.#stopPoll = this.#clock.wakeAt(this.#clock.now() + POLL_MICROS, () => {
      this.#polling = this.#poll().finally(() => this.#pollLater());
    });
  }

  /** Asks for versions, and for cells only where they have moved on. Where Redis cannot be reached, cells stay as they are. */
  async #poll(): Promise<void> {
    await Promise.all([...this.#apps.values()].map(async (app) => {
      try {
        const [version, epoch] = (await this.#redis.run('HMGET', [app.keys.meta, 'v', 'e'])) as [Buffer | null, Buffer | null];
        if (Number(version ?? 0) !== app.version || (epoch?.toString() ?? '0') !== app.epoch) await this.#refresh(app);
      } catch (thrown) {
        if (!(thrown instanceof StoreFault)) throw thrown;
      }
    }));
  }

  async #refresh(app: KnownApp): Promise<void> {
    const { meta, cells, versions } = app.keys;
    const { name } = app.bounds;
    let from = app.version;
    let all: Map<string, bigint> | undefined;
    for (;;) {
      const [epoch, reached, more, ...pairs] = (await this.#redis.script(CHANGES, [meta, cells, versions], [from, PAGE_CELLS])) as [Buffer, Buffer, number, ...Buffer[]];
      const version = Number(reached);
      // Cells were removed, or Redis came back with less than it had: everything is read anew.
      if (epoch.toString() !== app.epoch || version < from) {
        app.epoch = epoch.toString();
        if (from > 0 || version < from) {
          from = 0;
          all = new Map();
          continue;
        }
        all ??= new Map();
      }
      const page = pairs.length === 0 ? [] : readPairs(pairs);
      if (all === undefined && page.length > 0) this.cells.set(name, page);
      for (const [cell, value] of all === undefined ? [] : page) all?.set(cell, value);
      from = version;
      if (more === 0) break;
    }
    if (all !== undefined) this.cells.replace(name, all);
    app.version = from;
  }

  #app(name: string): KnownApp {
    const app = this.#apps.get(name);
    if (app === undefined) throw new RangeError(`app ${name} is not served`);
    return app;
  }

  #nowEpochMs(): number {
    return Math.floor((this.#clock.now() + this.#epochOffsetMicros) / 1000);
  }
}

/** The keys of one app, under one hash tag. */
class AppKeys {
  readonly #prefix: string;
  readonly meta: string;
  readonly counts: string;
  readonly cells: string;
  readonly versions: string;
  readonly journal: string;
  readonly lease: string;

  constructor(app: string) {
    this.#prefix = `tradewind:{${app}}:`;
    this.meta = `${this.#prefix}meta`;
    this.counts = `${this.#prefix}counts`;
    this.cells = `${this.#prefix}cells`;
    this.versions = `${this.#prefix}versions`;
    this.journal = `${this.#prefix}journal`;
    this.lease = `${this.#prefix}lease`;
  }

  claims(minute: number): string {
    return `${this.#prefix}claims:${minute}`;
  }

  index(minute: number): string {
    return `${this.#prefix}index:${minute}`;
  }
}

const REVISIONS = 'tradewind:revisions';
const RECEIPT_KEYS = 'tradewind:receipt-keys';

/** Each key leaves a fingerprint under its number, and must find its own. */
async function checkKeys(redis: RedisConnection, keys: readonly ReceiptKey[]): Promise<void> {
  for (const { number, secret } of keys) {
    const fingerprint = createHash('sha256').update('tradewind receipt key').update(secret).digest('hex').slice(0, 32);
    await redis.run('HSETNX', [RECEIPT_KEYS, number, fingerprint]);
    const held = (await redis.run('HGET', [RECEIPT_KEYS, number])) as Buffer | null;
    if (held?.toString() !== fingerprint) {
      throw new Error(`another broker on this Redis signs decision ids with another key ${number}: give all of them the same storage.receipt_key_file`);
    }
  }
}

/** Acknowledged feedback is as durable as Redis makes it. */
async function warnOfPersistence(redis: RedisConnection, log: Log): Promise<void> {
  const read = async (name: string): Promise<string> => ((await redis.run('CONFIG', ['GET', name])) as readonly Buffer[])[1]?.toString() ?? '';
  try {
    const [appendonly, appendfsync] = [await read('appendonly'), await read('appendfsync')];
    if (appendonly === 'yes' && appendfsync === 'always') return;
    log.warn({ appendonly, appendfsync }, 'this Redis may lose feedback that was acknowledged; "appendonly yes" and "appendfsync always" make it durable');
  } catch (thrown) {
    if (!(thrown instanceof StoreFault)) throw thrown;
    log.warn({ err: thrown.message }, 'this Redis does not say how durable it is');
  }
}

/** Each short enough for one script. */
function piecesOf(commits: readonly ClaimCommit[]): readonly (readonly ClaimCommit[])[] {
  const pieces: ClaimCommit[][] = [];
  let increments = 0;
  for (const commit of commits) {
    const last = pieces.at(-1);
    increments += commit.increments.length;
    if (last === undefined || last.length >= MOST_COMMITS || increments > MOST_INCREMENTS) {
      pieces.push([commit]);
      increments = commit.increments.length;
    } else {
      last.push(commit);
    }
  }
  return pieces;
}

function outcomeOf(said: number | Buffer): CommitOutcome {
  switch (said) {
    case 0: return { kind: 'applied' };
    case 1: return { kind: 'full', what: 'claims' };
    case 2: return { kind: 'full', what: 'cells' };
    case 3: return { kind: 'full', what: 'cell' };
    default: {
      const claim = said as Buffer;
      return { kind: 'conflict', claim: claim.length === 0 ? { version: 0, state: new Uint8Array() } : { version: claim.readUInt32BE(0), state: claim.subarray(4) } };
    }
  }
}

function readPairs(pairs: readonly Buffer[]): (readonly [string, bigint])[] {
  const read: (readonly [string, bigint])[] = [];
  for (let i = 0; i + 1 < pairs.length; i += 2) read.push([String(pairs[i]), BigInt(String(pairs[i + 1]))]);
  return read;
}

/** The position of `minute` among those that were named so far, from 1. */
function indexOf(minutes: Map<number, number>, minute: number): number {
  const known = minutes.get(minute);
  if (known !== undefined) return known;
  minutes.set(minute, minutes.size + 1);
  return minutes.size;
}

function bytes(of: Uint8Array): Buffer {
  return Buffer.from(of.buffer, of.byteOffset, of.byteLength);
}
