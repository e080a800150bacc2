import type { Batcher } from '../batching/batcher.ts';
import type { BatchReport, Settled } from '../batching/task.ts';
import type { Clock, Micros } from '../domain/clock.ts';
import type { ModelKey, ModelSpec } from '../domain/model.ts';
import type { BatchEnd, ReplicaLink } from '../domain/replica.ts';
import type { Gather } from './gather.ts';
import { InFlight } from './in-flight.ts';
import type { ModelMeters } from './model-meters.ts';

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The one queue of a model version and the replicas that pull from it: decides nothing about batches (the batcher does),
 * carries out what it decided, and brings every row of every gather to an end.
 *
 * Work leaves once a turn of the event loop, when there is a credit: what arrives together shares a batch, and no timer
 * stands between a lone query and an idle replica.
 */
export class ModelQueue {
  readonly key: ModelKey;
  readonly spec: ModelSpec;
  readonly #clock: Clock;
  readonly #batcher: Batcher<Gather>;
  readonly #meters: ModelMeters;
  readonly #onHung: (link: ReplicaLink, why: string) => void;
  readonly #links: ReplicaLink[] = [];
  readonly #flights = new Set<InFlight>();
  #turn = 0;
  #pumpWaits = false;
  #wakeAtMicros: Micros = NEVER;
  #stopWake: () => void = () => undefined;
  #closed = false;

  constructor(options: {
    key: ModelKey;
    spec: ModelSpec;
    clock: Clock;
    batcher: Batcher<Gather>;
    meters: ModelMeters;
    onHung: (link: ReplicaLink, why: string) => void;
  }) {
    this.key = options.key;
    this.spec = options.spec;
    this.#clock = options.clock;
    this.#batcher = options.batcher;
    this.#meters = options.meters;
    this.#onHung = options.onHung;
  }

  get replicas(): readonly ReplicaLink[] {
    return this.#links;
  }
  get queuedRows(): number {
    return this.#batcher.queuedRows;
  }
  get flights(): number {
    return this.#flights.size;
  }

  /** Takes over the gather: each of its rows will settle, refused ones before this returns. */
  submit(gather: Gather): void {
    const now = this.#clock.now();
    const offer = this.#batcher.offer(gather, now, { replicas: this.#links.length });
    if (offer.kind === 'refused') {
      gather.missed(gather.first, gather.count, missOf(offer));
      return;
    }
    this.#meters.depth(this.#batcher.queuedRows);
    this.#pumpSoon();
  }

  /** Takes back what has not left and tells the replicas of the rest. Returns the rows that were still queued. */
  cancel(gather: Gather): number {
    const rows = this.#batcher.cancel(gather);
    if (rows < gather.count) for (const flight of this.#flights) flight.cancel(gather);
    this.#meters.cancelled(rows);
    this.#meters.depth(this.#batcher.queuedRows);
    return rows;
  }

  attach(link: ReplicaLink): void {
    this.#links.push(link);
    this.#pumpSoon();
  }

  /** Sends it nothing more; what it has may still come. */
  detach(link: ReplicaLink): void {
    const at = this.#links.indexOf(link);
    if (at >= 0) this.#links.splice(at, 1);
  }

  /** A replica has a credit. */
  pull(): void {
    this.#pumpSoon();
  }

  /** Ends the queue: what waits is missed as `no_replica`, what is under way as it comes. */
  close(): void {
    this.#closed = true;
    this.#stopWake();
    this.#wakeAtMicros = NEVER;
    this.#settle(this.#batcher.abandon('no_replica'));
  }

  #pumpSoon(): void {
    if (this.#pumpWaits || this.#closed) return;
    this.#pumpWaits = true;
    this.#clock.defer(this.#pump);
  }

  readonly #pump = (): void => {
    this.#pumpWaits = false;
    if (this.#closed) return;
    const now = this.#clock.now();
    this.#settle(this.#batcher.expire(now));
    let waitUntil = NEVER;
    // Each turn begins with the next replica, so that equals share the work.
    const start = this.#turn++;
    for (let i = 0; i < this.#links.length; i++) {
      const link = this.#links[(start + i) % this.#links.length];
      while (link !== undefined && link.credits > 0) {
        const next = this.#batcher.next(now, link, { replicas: this.#links.length });
        this.#settle(next.settled);
        if (next.kind === 'wait') waitUntil = Math.min(waitUntil, next.until);
        if (next.kind !== 'flush') break;
        this.#send(new InFlight(next.batch, link, this.#ended), now);
      }
    }
    this.#meters.depth(this.#batcher.queuedRows);
    this.#wakeBy(Math.min(waitUntil, this.#batcher.nextExpiry(), this.#nextHang()));
  };

  #send(flight: InFlight, now: Micros): void {
    const { batch } = flight;
    this.#flights.add(flight);
    if (batch.repeat !== undefined) this.#meters.repeated(batch.repeat);
    for (const slice of batch.slices) this.#meters.waited(now - slice.task.query.arrivedAtMicros);
    flight.send(Math.max(0, batch.deadlineAtMicros - now));
  }

  readonly #ended = (flight: InFlight, end: BatchEnd): void => {
    if (!this.#flights.delete(flight)) return;
    const now = this.#clock.now();
    const report = reportOf(flight, end, now);
    this.#meters.batch(report);
    this.#settle(this.#batcher.observe(report, now));
    this.#pumpSoon();
  };

  #settle(settled: readonly Settled<Gather>[]): void {
    for (const { slice, reason, text } of settled) slice.task.missed(slice.first, slice.count, text === undefined ? { reason } : { reason, text });
  }

  #nextHang(): Micros {
    let earliest = NEVER;
    for (const flight of this.#flights) if (!flight.hung) earliest = Math.min(earliest, flight.batch.hungAtMicros);
    return earliest;
  }

  #wakeBy(at: Micros): void {
    if (at >= this.#wakeAtMicros) return;
    this.#stopWake();
    this.#wakeAtMicros = at;
    this.#stopWake = this.#clock.wakeAt(at, this.#wake);
  }

  readonly #wake = (): void => {
    this.#wakeAtMicros = NEVER;
    this.#stopWake = () => undefined;
    const now = this.#clock.now();
    for (const flight of [...this.#flights]) {
      if (flight.hung || flight.batch.hungAtMicros > now) continue;
      flight.hung = true;
      this.detach(flight.link);
      const ranMs = Math.round((now - flight.batch.sentAtMicros) / 1000);
      this.#onHung(flight.link, `no answer to a batch of ${flight.batch.rows} for ${ranMs} ms`);
    }
    this.#pump();
  };
}

function missOf(offer: { reason: Settled<Gather>['reason']; text?: string; retryAfterMs?: number }): Parameters<Gather['missed']>[2] {
  return {
    reason: offer.reason,
    ...(offer.text === undefined ? {} : { text: offer.text }),
    ...(offer.retryAfterMs === undefined ? {} : { retryAfterMs: offer.retryAfterMs }),
  };
}

function reportOf(flight: InFlight, end: BatchEnd, now: Micros): BatchReport<Gather> {
  const unanswered = flight.unanswered();
  const base = { batch: flight.batch, endedAtMicros: now, unanswered };
  if (end.kind === 'lost') return { ...base, outcome: flight.hung ? 'hung' : 'lost', error: { code: 'lost', message: end.message } };
  const done = { ...base, computeMicros: end.computeMicros };
  if (end.error !== undefined) return { ...done, outcome: 'error', error: end.error };
  if (unanswered.length === 0) return { ...done, outcome: 'done' };
  const rows = unanswered.reduce((sum, slice) => sum + slice.count, 0);
  return { ...done, outcome: 'error', error: { code: 'rows_missing', message: `the container left ${rows} of ${flight.batch.rows} rows unanswered` } };
}
