import type { CacheScope, PredictionCache } from '../cache/prediction-cache.ts';
import type { AnswerRow } from '../domain/answer.ts';
import type { Clock } from '../domain/clock.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Meter } from '../domain/meter.ts';
import type { ModelSpec, OutputKind } from '../domain/model.ts';
import { modelKey } from '../domain/model.ts';
import type { OutputReader } from '../domain/output.ts';
import type { Query } from '../domain/query.ts';
import type { OutputPart, RowError } from '../domain/replica.ts';
import type { SlabPool } from '../domain/slabs.ts';
import { CacheMeters } from './cache-meters.ts';
import type { Gather, Place } from './gather.ts';
import type { Miss } from './row-task.ts';
import { Twin, TwinRow, type TwinOwner, type Waiter } from './twin.ts';

/** Who may wait for one row; whoever comes after asks for it again. */
const MOST_WAITERS = 1024;

/** Reasons that speak of a deadline, and so only of those who have that deadline. */
const OF_THE_DEADLINE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['infeasible', 'slo_unreachable', 'expired_in_queue']);

/** The broker's cache, and what it needs to be used. */
export interface CacheParts {
  readonly cache: PredictionCache<TwinRow>;
  readonly slabs: SlabPool;
  readonly meter: Meter;
}

/** The queue behind: `offer` says why it does not take the task, `takeBack` how many of its rows waited. */
export interface TwinQueue {
  offer(twin: Twin): Miss | undefined;
  takeBack(twin: Twin): number;
}

/**
 * The cache of one model version before its queue. Each row of a gather is looked up for itself: it is answered from the
 * cache, joins its twin that is queued or computing, or is queued itself, in runs of consecutive rows.
 *
 *     gather ─ row ─▶ kept? ─ yes ─▶ answered, cached        ┌─▶ each waiter that still waits
 *                      │no                                   │
 *                      ├─ on its way? ─ yes ─▶ joins ─┐      │
 *                      └─ no ─▶ reserves ─▶ twin ─▶ queue ─▶ answer ─▶ kept
 *
 * A twin lives while any waiter lives. It is queued with the earliest deadline and the highest priority of its waiters: an
 * earlier or higher one that joins moves it up while it waits. What the queue gives up for want of time is given up for those whose deadline that was, and
 * offered again for the others. Any other failure is everybody's. A waiter that leaves leaves alone; with the last one
 * the rows are taken back, unless they compute: a late answer is kept all the same.
 */
export class Twins implements TwinOwner {
  readonly #cache: PredictionCache<TwinRow>;
  readonly #slabs: SlabPool;
  readonly #clock: Clock;
  readonly #queue: TwinQueue;
  readonly #meters: CacheMeters;
  readonly #spec: ModelSpec;
  readonly #scopes = new Map<OutputKind, CacheScope>();

  constructor(parts: CacheParts & { spec: ModelSpec; clock: Clock; queue: TwinQueue }) {
    this.#cache = parts.cache;
    this.#slabs = parts.slabs;
    this.#clock = parts.clock;
    this.#queue = parts.queue;
    this.#spec = parts.spec;
    this.#meters = new CacheMeters(parts.meter, parts.spec.name, parts.spec.version);
  }

  /** Takes over the rows of a gather, which wants `output`; kept ones are settled before this returns. */
  submit(gather: Gather, output: OutputKind): void {
    const scope = this.#scope(output);
    const { query } = gather;
    const now = this.#clock.now();
    const places: Place[] = [];
    gather.places = places;
    let run: TwinRow[] = [];
    for (let row = 0; row < query.rows; row++) {
      const entry = this.#cache.find(scope, query, row, now);
      if (entry?.row === undefined) {
        const twin = entry?.pending;
        if (twin !== undefined && this.#joins(twin, gather, row)) {
          places.push(twin);
          this.#meters.looked('join');
        } else {
          const asked = this.#ask(gather, row, entry === undefined ? scope : undefined);
          places.push(asked);
          run.push(asked);
          continue;
        }
      } else {
        this.#meters.looked('hit');
        gather.given(row, this.#cache.give(entry.row));
      }
      this.#offer(run, query, gather.read);
      run = [];
    }
    this.#offer(run, query, gather.read);
  }

  /** The model version is gone: nothing that comes of it is kept any more. No gather may be submitted after this. */
  close(): void {
    for (const scope of this.#scopes.values()) this.#cache.close(scope);
    this.#scopes.clear();
  }

  answered(twin: Twin, row: TwinRow, part: OutputPart, at: number): void {
    const answer = twin.read(part, at);
    if (typeof answer === 'string') {
      this.#fail(twin, row, ({ gather, row: of }) => gather.missed(of, 1, { reason: 'invalid_output', text: answer }));
      return;
    }
    this.#keep(row, answer);
    const waiters = this.#settle(twin, row);
    for (const { gather, row: of } of waiters) {
      if (!gather.wants(of)) continue;
      this.#hold(answer);
      gather.given(of, answer);
    }
    this.#letGo(answer);
  }

  failed(twin: Twin, row: TwinRow, error: RowError): void {
    this.#fail(twin, row, ({ gather, row: of }) => gather.failed(of, error));
  }

  missed(twin: Twin, rows: readonly TwinRow[], miss: Miss): void {
    const stays = OF_THE_DEADLINE.has(miss.reason)
      ? ({ gather }: Waiter): boolean => gather.deadlineAtMicros > twin.deadlineAtMicros
      : (): boolean => false;
    const ended: Waiter[] = [];
    let run: TwinRow[] = [];
    const runs: TwinRow[][] = [run];
    for (const row of rows) {
      const staying = row.waiters.filter(stays);
      twin.waiting -= row.waiters.length;
      ended.push(...row.waiters.filter((waiter) => !stays(waiter)));
      if (staying.length === 0) {
        this.#drop(row);
        row.settled = true;
        row.waiters = [];
        continue;
      }
      row.waiters = staying;
      if (run.length > 0 && run.at(-1)?.row !== row.row - 1) runs.push(run = []);
      run.push(row);
    }
    // First the others are where they belong again; whoever is told may ask anew at once.
    for (const again of runs) this.#offer(again, twin.query, twin.read);
    this.#told(twin, rows.length);
    for (const { gather, row } of ended) gather.missed(row, 1, miss);
  }

  /** Somebody left; returns 1 where the row still waits to be sent. */
  left(row: TwinRow): number {
    const { task } = row;
    if (row.settled || task === undefined) return 0;
    const queued = task.queued === undefined ? 0 : 1;
    if (task.waiting > 0) return queued;
    const taken = this.#queue.takeBack(task);
    if (taken === 0) return queued;
    // Which rows were taken is not said where others compute: none of them is joined or kept any more.
    for (const one of task.rows) if (!one.settled && one.task === task) this.#drop(one);
    this.#told(task, taken);
    return queued;
  }

  #scope(output: OutputKind): CacheScope {
    let scope = this.#scopes.get(output);
    if (scope === undefined) {
      const { name, version, cache } = this.#spec;
      scope = this.#cache.open(modelKey(name, version), cache?.ttlMs === undefined ? undefined : cache.ttlMs * 1000);
      this.#scopes.set(output, scope);
    }
    return scope;
  }

  /** False where the row cannot wait there: too many do, or it would have to move up rows that are not its own. */
  #joins(twin: TwinRow, gather: Gather, row: number): boolean {
    if (twin.waiters.length >= MOST_WAITERS) return false;
    const { task } = twin;
    if (task?.queued === undefined || (gather.deadlineAtMicros >= task.deadlineAtMicros && gather.priority >= task.priority)) {
      twin.add(gather, row);
      return true;
    }
    if (task.count > 1) return false;
    const taken = this.#queue.takeBack(task);
    twin.add(gather, row);
    if (taken === 0) return true;
    this.#offer([twin], task.query, task.read);
    this.#told(task, taken);
    return true;
  }

  /** A row that the model is asked for; its answer will be kept where it is the first to be asked in `scope`. */
  #ask(gather: Gather, row: number, scope: CacheScope | undefined): TwinRow {
    const asked = new TwinRow(row, this);
    asked.add(gather, row);
    if (scope !== undefined) {
      const before = this.#cache.evictions;
      asked.entry = this.#cache.reserve(scope, gather.query, row, asked);
      this.#meters.evicted(this.#cache.evictions - before);
    }
    this.#meters.looked('miss');
    return asked;
  }

  #offer(rows: readonly TwinRow[], query: Query, read: OutputReader): void {
    if (rows.length === 0) return;
    const twin = new Twin(rows, { query, read, owner: this });
    // The query may be answered, and its memory given back, long before its rows are.
    for (const column of query.columns) this.#slabs.retain(column.slab);
    const miss = this.#queue.offer(twin);
    if (miss !== undefined) this.missed(twin, rows, miss);
  }

  #keep(row: TwinRow, answer: AnswerRow): void {
    if (row.entry === undefined) return;
    const before = this.#cache.evictions;
    this.#cache.fill(row.entry, answer, this.#clock.now());
    this.#meters.evicted(this.#cache.evictions - before);
    row.entry = undefined;
  }

  #drop(row: TwinRow): void {
    if (row.entry !== undefined) this.#cache.drop(row.entry);
    row.entry = undefined;
  }

  #fail(twin: Twin, row: TwinRow, tell: (waiter: Waiter) => void): void {
    this.#drop(row);
    for (const waiter of this.#settle(twin, row)) tell(waiter);
  }

  /** The row has come to its end; returns who waited for it, to be told. */
  #settle(twin: Twin, row: TwinRow): readonly Waiter[] {
    const { waiters } = row;
    row.settled = true;
    row.waiters = [];
    twin.waiting -= waiters.length;
    this.#told(twin, 1);
    return waiters;
  }

  #told(twin: Twin, rows: number): void {
    twin.open -= rows;
    if (twin.open === 0 && rows > 0) for (const column of twin.query.columns) this.#slabs.release(column.slab);
  }

  #hold({ output }: AnswerRow): void {
    if (output.kind === 'tensors') for (const { slab } of output.tensors) this.#slabs.retain(slab);
  }

  #letGo({ output }: AnswerRow): void {
    if (output.kind === 'tensors') for (const { slab } of output.tensors) this.#slabs.release(slab);
  }
}
