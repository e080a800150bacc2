import type { DecisionKey } from '../../domain/decision.ts';
import type { DecisionPage, StoredDecision } from '../../domain/feedback.ts';
import { firstMinuteKept, goesAtEpochMs, MINUTE_MS, minuteOf, placeOf, readPlace } from '../claim-key.ts';
import type { AppKeys } from './app-keys.ts';
import type { RedisConnection, RedisValue } from './connection.ts';
import { numbered } from './numbered.ts';
import { bytesOf } from './reply.ts';
import { APPEND, KEEP, READ } from './scripts.ts';

const PAGE_DECISIONS = 1_000;
/** Minutes of the index whose ends are set together. */
const PAGE_MINUTES = 1_000;
/** So far may a decision lie from its place in the stream: its query waited, or the clocks of brokers differ. */
const STRAY_MINUTES = 5;
/** Where an app's meta says of which minute and later ones the index is kept: that of earlier ones has been dropped. */
const DROPPED = 'index';
/** Bytes of decisions that may be on their way. */
const MOST_UNDERWAY_BYTES = 16 * 1024 * 1024;

/**
 * The decisions of apps, a stream each, in the order in which they came to Redis; beside it an index by minute, from a
 * decision's place to its entry in the stream.
 */
export class RedisJournal {
  readonly #redis: RedisConnection;
  #underwayBytes = 0;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  /** Bytes of decisions that may be handed over now. */
  get room(): number {
    return Math.max(0, MOST_UNDERWAY_BYTES - this.#underwayBytes);
  }

  /** The index of a decision is kept until its reward window is over, as the longest says that a broker knew of while it was there. */
  async append(keys: AppKeys, decisions: readonly StoredDecision[], windowMs: number): Promise<void> {
    const minutes = new Map<number, number>();
    const args: RedisValue[] = [];
    let underway = 0;
    for (const decision of decisions) {
      args.push(numbered(minutes, minuteOf(decision)), bytesOf(placeOf(decision)), bytesOf(decision.record));
      underway += decision.record.length;
    }
    const indexes = [...minutes.keys()].map((minute) => keys.index(minute));
    // A label may come until then; the journal may have let the record go before.
    const ends = [...minutes.keys()].map((minute) => goesAtEpochMs(minute, windowMs));
    this.#underwayBytes += underway;
    try {
      await this.#redis.script(APPEND, [keys.journal, ...indexes], [minutes.size, ...ends, ...args]);
    } finally {
      this.#underwayBytes -= underway;
    }
  }

  /** The index of what is recorded already is kept as long as the window wants it now, which may have been shorter when its end was set. */
  async keepIndex(keys: AppKeys, windowMs: number, nowEpochMs: number): Promise<void> {
    const oldest = await this.#oldestMinute(keys);
    if (oldest === undefined) return;
    const last = Math.floor(nowEpochMs / MINUTE_MS) + STRAY_MINUTES;
    const first = Math.max(firstMinuteKept(nowEpochMs, windowMs), oldest - STRAY_MINUTES);
    for (let at = first; at <= last; at += PAGE_MINUTES) {
      const page = Array.from({ length: Math.min(PAGE_MINUTES, last - at + 1) }, (_, i) => at + i);
      await this.#redis.script(KEEP, page.map((minute) => keys.index(minute)), page.map((minute) => goesAtEpochMs(minute, windowMs)));
    }
  }

  /** Undefined for those that are not there (any more). */
  async read(keys: AppKeys, wanted: readonly DecisionKey[]): Promise<readonly (Uint8Array | undefined)[]> {
    const minutes = new Map<number, number>();
    const args = wanted.flatMap((key): RedisValue[] => [numbered(minutes, minuteOf(key)), bytesOf(placeOf(key))]);
    const found = (await this.#redis.script(READ, [keys.journal, ...[...minutes.keys()].map((minute) => keys.index(minute))], args)) as readonly (Buffer | null)[];
    return found.map((record) => record ?? undefined);
  }

  async due(keys: AppKeys, beforeEpochMs: number): Promise<DecisionPage> {
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

  async swept(keys: AppKeys, cursor: string): Promise<void> {
    await this.#redis.run('HSET', [keys.meta, 'swept', cursor]);
  }

  /** By age; then by bytes, which are what Redis says that the stream holds, by sample. The index goes with what it leads to. */
  async trim(keys: AppKeys, { nowEpochMs, maxAgeMs, maxBytes, windowMs }: { nowEpochMs: number; maxAgeMs: number; maxBytes: number; windowMs: number }): Promise<void> {
    await this.#redis.run('XTRIM', [keys.journal, 'MINID', Math.max(0, nowEpochMs - maxAgeMs)]);
    const held = Number((await this.#redis.run('MEMORY', ['USAGE', keys.journal])) ?? 0);
    if (held > maxBytes) {
      const length = Number(await this.#redis.run('XLEN', [keys.journal]));
      await this.#redis.run('XTRIM', [keys.journal, 'MAXLEN', Math.floor((length * maxBytes) / held)]);
    }
    const end = (await this.#oldestMinute(keys) ?? Math.floor(nowEpochMs / MINUTE_MS)) - STRAY_MINUTES;
    await this.#dropIndex(keys, firstMinuteKept(nowEpochMs, windowMs), end);
  }

  /** Of all minutes before `end`, from where it was dropped last; the first time from `first`: that of earlier ones has gone by itself. */
  async #dropIndex(keys: AppKeys, first: number, end: number): Promise<void> {
    const dropped = Number((await this.#redis.run('HGET', [keys.meta, DROPPED])) ?? 0);
    if (dropped >= end) return;
    for (let at = dropped === 0 ? first : dropped; at < end; at += PAGE_MINUTES) {
      await this.#redis.run('UNLINK', Array.from({ length: Math.min(PAGE_MINUTES, end - at) }, (_, i) => keys.index(at + i)));
    }
    await this.#redis.run('HSET', [keys.meta, DROPPED, end]);
  }

  /** That of the decision which came first of those that are there. */
  async #oldestMinute(keys: AppKeys): Promise<number | undefined> {
    const [oldest] = (await this.#redis.run('XRANGE', [keys.journal, '-', '+', 'COUNT', 1])) as readonly [Buffer, readonly Buffer[]][];
    const place = oldest?.[1][1];
    return place === undefined ? undefined : minuteOf(readPlace(place));
  }
}
