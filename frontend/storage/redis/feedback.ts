import { randomBytes } from 'node:crypto';
import type { Cells } from '../../../selection-policies/policy.ts';
import type { Clock } from '../../domain/clock.ts';
import type { DecisionKey } from '../../domain/decision.ts';
import { StoreFault, type AppRevision, type ClaimCommit, type CommitOutcome, type DecisionPage, type FeedbackStore, type StoredApp, type StoredDecision } from '../../domain/feedback.ts';
import type { Log } from '../../domain/log.ts';
import type { ReceiptKey } from '../../domain/state-store.ts';
import { CellTable } from '../cell-table.ts';
import { goesAtEpochMs } from '../claim-key.ts';
import { KEY_TABLE_BYTES, KeyTable } from '../key-table.ts';
import { AppKeys } from './app-keys.ts';
import { commitCall, outcomeOf, piecesOf } from './commit-call.ts';
import { RedisConnection, type RedisValue } from './connection.ts';
import { RedisJournal } from './journal.ts';
import { bytesOf, readPairs } from './reply.ts';
import { CHANGES, COMMIT, DROP_KEYS, KEEP, LEASE, REMOVE } from './scripts.ts';
import { checkKeys, warnOfPersistence } from './server-checks.ts';

/** Snapshots are at most 100 ms old: asked for twice in that time. */
const POLL_MICROS = 50_000;
/** More than any commit changes. */
const PAGE_CELLS = 10_000;
const MOST_REVISIONS = 4_096;
/** Context keys that are looked at together. */
const PAGE_KEYS = 1_000;
/** Minutes of claims whose ends are set together. */
const PAGE_MINUTES = 1_000;

export interface RedisFeedbackParts {
  readonly url: string;
  /** Those that decision ids are signed with: brokers on one Redis must agree on them. */
  readonly keys: readonly ReceiptKey[];
  readonly clock: Clock;
  /** Epoch microseconds less the clock's. */
  readonly epochOffsetMicros: number;
  readonly log: Log;
  /** Memory for the cells of context keys. */
  readonly heldKeyBytes?: number;
  /** How many replicas must have a reward before it is acknowledged, and how long they are waited for. Absent: none. */
  readonly replicas?: { readonly least: number; readonly timeoutMs: number };
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
    // Who waits for replicas keeps his connection from others meanwhile.
    const commits = parts.replicas === undefined ? redis : await RedisConnection.open(parts.url, parts.log);
    return new RedisFeedback({ redis, commits }, parts);
  } catch (thrown) {
    redis.close();
    throw thrown;
  }
}

interface KnownApp {
  bounds: StoredApp;
  readonly keys: AppKeys;
  version: number;
  epoch: string;
  /** Where a commit was told; another broker may have made it another. */
  generation: number;
}

class RedisFeedback implements FeedbackStore {
  readonly cells = new CellTable();
  readonly keys: KeyTable;
  readonly #redis: RedisConnection;
  readonly #commits: RedisConnection;
  readonly #journal: RedisJournal;
  readonly #replicas: RedisFeedbackParts['replicas'];
  readonly #clock: Clock;
  readonly #epochOffsetMicros: number;
  readonly #apps = new Map<string, KnownApp>();
  readonly #broker = randomBytes(12).toString('hex');
  #stopPoll: () => void = () => undefined;
  #polling: Promise<void> = Promise.resolve();
  #closed = false;

  constructor({ redis, commits }: { redis: RedisConnection; commits: RedisConnection }, { clock, epochOffsetMicros, heldKeyBytes = KEY_TABLE_BYTES, replicas }: RedisFeedbackParts) {
    this.#redis = redis;
    this.#commits = commits;
    this.#journal = new RedisJournal(redis);
    this.#replicas = replicas;
    this.keys = new KeyTable({ maxBytes: heldKeyBytes, load: (app, contexts) => this.#loadKeys(app, contexts) });
    // Whoever answers now may be another one, that has not all that the last one had: nothing that is known is sure any more.
    redis.onReconnect(() => {
      for (const app of this.#apps.values()) app.epoch = '';
    });
    this.#clock = clock;
    this.#epochOffsetMicros = epochOffsetMicros;
    this.#pollLater();
  }

  get room(): number {
    return this.#journal.room;
  }

  async serve(apps: readonly StoredApp[]): Promise<void> {
    const served = new Set(apps.map(({ name }) => name));
    for (const name of this.#apps.keys()) if (!served.has(name)) this.#apps.delete(name);
    this.cells.keep(served);
    this.keys.keep(served);
    const fresh: KnownApp[] = [];
    const longer: KnownApp[] = [];
    for (const bounds of apps) {
      const known = this.#apps.get(bounds.name);
      if (known === undefined) {
        fresh.push({ bounds, keys: new AppKeys(bounds.name), version: 0, epoch: '', generation: 0 });
      } else {
        if (bounds.windowMs > known.bounds.windowMs) longer.push(known);
        known.bounds = bounds;
      }
    }
    for (const app of fresh) {
      this.#apps.set(app.bounds.name, app);
      await this.#refresh(app);
    }
    for (const app of [...fresh, ...longer]) {
      await this.#keepClaims(app);
      await this.#journal.keepIndex(app.keys, app.bounds.windowMs, this.#nowEpochMs());
    }
  }

  /** Claims that are there are kept as long as the window wants it now, which may have been shorter when their end was set. */
  async #keepClaims({ bounds, keys }: KnownApp): Promise<void> {
    const fields = (await this.#redis.run('HKEYS', [keys.counts])) as readonly Buffer[];
    const minutes = fields.map(Number).filter((minute) => Number.isInteger(minute));
    for (let at = 0; at < minutes.length; at += PAGE_MINUTES) {
      const page = minutes.slice(at, at + PAGE_MINUTES);
      await this.#redis.script(KEEP, page.map((minute) => keys.claims(minute)), page.map((minute) => goesAtEpochMs(minute, bounds.windowMs)));
    }
  }

  async commit(name: string, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]> {
    const app = this.#app(name);
    const pieces = piecesOf(commits).map((piece) => this.#commitPiece(app, piece));
    const settled = await Promise.allSettled(pieces);
    for (const piece of settled) if (piece.status === 'rejected') throw piece.reason;
    return settled.flatMap((piece) => (piece.status === 'fulfilled' ? piece.value : []));
  }

  async #commitPiece(app: KnownApp, commits: readonly ClaimCommit[]): Promise<readonly CommitOutcome[]> {
    const call = commitCall(app, commits, { nowEpochMs: this.#nowEpochMs(), alwaysWrites: this.#replicas !== undefined });
    const said = (await this.#commits.script(COMMIT, call.keys, call.args)) as readonly (number | Buffer)[];
    await this.#waitForReplicas();
    const outcomes = said.map(outcomeOf);
    for (const outcome of outcomes) if (outcome.kind === 'outdated') app.generation = outcome.generation;
    return outcomes;
  }

  /**
   * Until so many replicas have what the last commit wrote (it always writes something, so also all that others wrote
   * before it, which a `conflict` may be about). What is refused here is counted when it comes again: it has its claim.
   */
  async #waitForReplicas(): Promise<void> {
    if (this.#replicas === undefined) return;
    const { least, timeoutMs } = this.#replicas;
    const have = Number(await this.#commits.run('WAIT', [least, timeoutMs]));
    if (have < least) throw new StoreFault('unreachable', `${have} of ${least} replicas had it within ${timeoutMs} ms`);
  }

  async readKeys(name: string, contexts: readonly Uint8Array[]): Promise<readonly Cells[]> {
    const { keys } = this.#app(name);
    return Promise.all(contexts.map(async (context) => new Map(await this.#readKey(keys.ofKey(context)))));
  }

  async removeKey(name: string, context: Uint8Array, cells: readonly string[] | 'all'): Promise<void> {
    const { keys } = this.#app(name);
    if (cells === 'all') await this.#redis.script(DROP_KEYS, [keys.meta, keys.keyVersions, keys.ofKey(context)], [1, bytesOf(context), -1]);
    else for (let at = 0; at < cells.length; at += PAGE_CELLS) await this.#redis.run('HDEL', [keys.ofKey(context), ...cells.slice(at, at + PAGE_CELLS)]);
    this.keys.remove(name, context, cells);
  }

  async #readKey(key: string): Promise<readonly (readonly [string, bigint])[]> {
    return readPairs((await this.#redis.run('HGETALL', [key])) as readonly Buffer[]);
  }

  async #loadKeys(name: string, contexts: readonly Uint8Array[]): Promise<void> {
    const { keys } = this.#app(name);
    await Promise.all(contexts.map(async (context) => this.keys.put(name, context, await this.#readKey(keys.ofKey(context)))));
  }

  /** Drops the keys whose last reward is the longest ago, but none that is rewarded meanwhile. True where there may be more. */
  async #dropColdest({ keys }: KnownApp, most: number): Promise<boolean> {
    const count = Math.min(PAGE_KEYS, most);
    const coldest = count <= 0 ? [] : (await this.#redis.run('ZRANGE', [keys.keyVersions, 0, count - 1, 'WITHSCORES'])) as readonly (readonly [context: Buffer, version: Buffer])[];
    if (coldest.length === 0) return false;
    await this.#redis.script(DROP_KEYS, [keys.meta, keys.keyVersions, ...coldest.map(([context]) => keys.ofKey(context))], [0, ...coldest.flat()]);
    return coldest.length === PAGE_KEYS;
  }

  generation(name: string): number {
    return this.#app(name).generation;
  }

  async removeCells(name: string, cells: readonly string[] | 'all'): Promise<void> {
    const app = this.#app(name);
    const { meta, cells: held, versions } = app.keys;
    if (cells === 'all') {
      await this.#redis.script(REMOVE, [meta, held, versions], []);
      while (await this.#dropColdest(app, PAGE_KEYS)) continue;
      this.keys.forget(name);
    } else for (let at = 0; at < cells.length; at += PAGE_CELLS) await this.#redis.script(REMOVE, [meta, held, versions], cells.slice(at, at + PAGE_CELLS));
    await this.#refresh(app);
  }

  async append(name: string, decisions: readonly StoredDecision[]): Promise<void> {
    const { bounds, keys } = this.#app(name);
    await this.#journal.append(keys, decisions, bounds.windowMs);
  }

  async decisions(name: string, wanted: readonly DecisionKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#journal.read(this.#app(name).keys, wanted);
  }

  async due(name: string, beforeEpochMs: number): Promise<DecisionPage> {
    return this.#journal.due(this.#app(name).keys, beforeEpochMs);
  }

  async swept(name: string, cursor: string): Promise<void> {
    await this.#journal.swept(this.#app(name).keys, cursor);
  }

  async lease(name: string, holdMs: number): Promise<boolean> {
    return (await this.#redis.script(LEASE, [this.#app(name).keys.lease], [this.#broker, holdMs])) === 1;
  }

  /** Claims go by themselves, with their minute. */
  async trim(name: string, nowEpochMs: number): Promise<boolean> {
    const { keys, bounds } = this.#app(name);
    await this.#journal.trim(keys, { nowEpochMs, maxAgeMs: bounds.journalMaxAgeMs, maxBytes: bounds.journalMaxBytes, windowMs: bounds.windowMs });
    return this.#dropColdest(this.#app(name), Number(await this.#redis.run('ZCARD', [keys.keyVersions])) - bounds.maxKeys);
  }

  async saveRevisions(revisions: readonly AppRevision[]): Promise<void> {
    const savedAt = this.#nowEpochMs();
    const fields = revisions.flatMap(({ fingerprint, app, arms }): RedisValue[] => [bytesOf(fingerprint), JSON.stringify({ app, arms, savedAt })]);
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
    if (old.length > 0) await this.#redis.run('HDEL', [REVISIONS, ...old.map(({ fingerprint }) => bytesOf(fingerprint))]);
    return found;
  }

  /** Redis has its own ways. */
  async copyTo(): Promise<boolean> {
    return false;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopPoll();
    await this.#polling;
    this.#redis.close();
    this.#commits.close();
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
    const known = app.version;
    let from = known;
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
    if (all === undefined) await this.#refreshKeys(app, known);
    else this.keys.forget(name);
  }

  /** Reads those of the held context keys again that have changed since; where too many have, they are let go. */
  async #refreshKeys({ keys, bounds: { name } }: KnownApp, since: number): Promise<void> {
    const changed = (await this.#redis.run('ZRANGEBYSCORE', [keys.keyVersions, `(${since}`, '+inf', 'LIMIT', 0, PAGE_KEYS])) as readonly Buffer[];
    if (changed.length === PAGE_KEYS) this.keys.forget(name);
    else await this.#loadKeys(name, changed.filter((context) => this.keys.peek(name, context) !== undefined));
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

const REVISIONS = 'tradewind:revisions';
