import type { Batcher } from '../batching/batcher.ts';
import type { LatencyLaw, LatencyModel } from '../batching/latency-law.ts';
import type { Settled } from '../batching/task.ts';
import type { BatchTracer } from '../domain/batch-tracer.ts';
import type { Clock, Micros } from '../domain/clock.ts';
import { FewById } from '../domain/few-by-id.ts';
import { Lateness } from '../domain/lateness.ts';
import { NORMAL_PRIORITY, type ModelKey, type ModelSpec } from '../domain/model.ts';
import type { BatchEnd, ReplicaLink } from '../domain/replica.ts';
import { reportOf } from './flight-report.ts';
import type { Gather } from './gather.ts';
import { InFlight, type FlightOwner } from './in-flight.ts';
import type { ModelMeters } from './model-meters.ts';
import { ModelTotals } from './model-totals.ts';
import { RecentBatches } from './recent-batches.ts';
import { missOf, type Miss, type RowTask } from './row-task.ts';
import { Twins, type CacheParts } from './twins.ts';

const NEVER = Number.POSITIVE_INFINITY;
/** While batches are under way somebody looks this often: who comes later than that by as much again has stood still meanwhile. */
const LOOK_MICROS = 250_000;
/** How often the outlook is shown anew. */
const OUTLOOK_MICROS = 1_000_000;

/** What the queue asks of a batcher; the simulator plays rules of others through it. */
export type BatchRule = Pick<Batcher<RowTask>, 'queuedRows' | 'offer' | 'cancel' | 'expire' | 'nextExpiry' | 'abandon' | 'next' | 'observe'> & Partial<Pick<Batcher<RowTask>, 'forget' | 'forgo' | 'outlook'>>;

/**
 * The one queue of a model version and the replicas that pull from it: decides nothing about batches (the batcher does),
 * carries out what it decided, and brings every row of every gather to an end.
 *
 * Work leaves once a turn of the event loop, when there is a credit: what arrives together shares a batch, and unless the
 * batcher says to wait, no timer stands between a lone query and an idle replica.
 */
export class ModelQueue {
  readonly key: ModelKey;
  readonly spec: ModelSpec;
  /** What its replicas finished last, for people to look at. */
  readonly recent = new RecentBatches();
  readonly totals = new ModelTotals();
  readonly #clock: Clock;
  readonly #batcher: BatchRule;
  readonly #latency: Pick<LatencyModel, 'law'> | undefined;
  readonly #meters: ModelMeters;
  readonly #onHung: (link: ReplicaLink, why: string) => void;
  readonly #watched: { readonly tracer: BatchTracer; readonly model: ModelKey } | undefined;
  readonly #links: ReplicaLink[] = [];
  readonly #flights = new FewById<InFlight>();
  /** Before the queue where the model has a cache. */
  #twins: Twins | undefined;
  readonly #lateness = new Lateness({ firstMicros: 0, leastMicros: 0 });
  /** Has the same replicas, and what waits there came before. */
  #older: ModelQueue | undefined;
  #turn = 0;
  #outlookAtMicros: Micros = -NEVER;
  #pumpWaits = false;
  #wakeAtMicros: Micros = NEVER;
  #stopWake: () => void = () => undefined;
  #closed = false;

  constructor(options: {
    key: ModelKey;
    spec: ModelSpec;
    clock: Clock;
    batcher: BatchRule;
    meters: ModelMeters;
    onHung: (link: ReplicaLink, why: string) => void;
    /** What the batcher knows of the version's latency, for those who choose between versions. */
    latency?: Pick<LatencyModel, 'law'>;
    /** Watches its batches; absent: nobody does. */
    tracer?: BatchTracer;
    /** The broker's cache; used where the model's `cache` says so. */
    cache?: CacheParts;
  }) {
    this.key = options.key;
    this.spec = options.spec;
    this.#clock = options.clock;
    this.#batcher = options.batcher;
    this.#latency = options.latency;
    this.#meters = options.meters;
    this.#onHung = options.onHung;
    this.#watched = options.tracer === undefined ? undefined : { tracer: options.tracer, model: options.key };
    if (options.cache === undefined || options.spec.cache === undefined) return;
    const queue = { offer: (task: RowTask) => this.#offer(task), takeBack: (task: RowTask) => this.#takeBack(task) };
    this.#twins = new Twins({ ...options.cache, spec: options.spec, clock: options.clock, queue });
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
  /** How long batches take, as far as it is known. */
  get law(): LatencyLaw | undefined {
    return this.#latency?.law;
  }
  /** The mean time of a row that is sent alone, from sending to the end; 0 where nothing is known. */
  get loneMicros(): Micros {
    return this.#latency?.law.meanMicros(1) ?? 0;
  }

  /** Takes over the gather: each of its rows will settle, refused and cached ones before this returns. */
  submit(gather: Gather): void {
    if (this.#twins !== undefined && gather.output !== undefined) {
      this.#twins.submit(gather, gather.output);
      return;
    }
    const miss = this.#offer(gather);
    if (miss !== undefined) gather.missed(gather.first, gather.count, miss);
  }

  /** Takes back what has not left and nobody else waits for. Returns the rows that were still queued. */
  cancel(gather: Gather): number {
    let rows = 0;
    if (gather.places === undefined) {
      rows = this.#takeBack(gather);
      if (rows < gather.count) this.#leaveFlights(gather);
    } else for (const place of gather.places) rows += place.leave(gather);
    this.#meters.cancelled(rows);
    return rows;
  }

  /** The version is no longer wanted: it gets no more gathers, and what its cache holds is dropped. */
  retire(): void {
    this.#twins?.close();
    this.#twins = undefined;
  }

  /** Takes the place of this one, which is retired: they share replicas until nothing waits there. */
  follow(older: ModelQueue): void {
    this.#older = older;
  }

  attach(link: ReplicaLink): void {
    this.#links.push(link);
    this.#pumpSoon();
  }

  /** Sends it nothing more; what it has may still come. */
  detach(link: ReplicaLink): void {
    const at = this.#links.indexOf(link);
    if (at < 0) return;
    this.#links.splice(at, 1);
    this.#batcher.forget?.(link.id);
  }

  /** A replica has a credit. */
  pull(): void {
    this.#pumpSoon();
  }

  /** Ends the queue: what waits is missed as `no_replica`, what is under way as it comes. */
  close(): void {
    this.#closed = true;
    this.#older = undefined;
    this.#stopWake();
    this.#wakeAtMicros = NEVER;
    this.#settle(this.#batcher.abandon('no_replica'));
  }

  #offer(task: RowTask): Miss | undefined {
    const offer = this.#batcher.offer(task, this.#clock.now(), { replicas: this.#links.length });
    if (offer.kind === 'refused') {
      this.#meters.shed(offer.reason, task.priority ?? NORMAL_PRIORITY, task.count);
      return missOf(offer);
    }
    this.#meters.depth(this.#batcher.queuedRows);
    this.#pumpSoon();
    return undefined;
  }

  #takeBack(task: RowTask): number {
    const rows = this.#batcher.cancel(task, this.#clock.now());
    this.#meters.depth(this.#batcher.queuedRows);
    return rows;
  }

  #leaveFlights(gather: Gather): void {
    for (const flight of this.#flights.all()) {
      const left = flight.cancel(gather);
      if (left.length > 0) this.#batcher.forgo?.(flight.batch, left);
    }
  }

  #pumpSoon(): void {
    if (this.#pumpWaits || this.#closed) return;
    this.#pumpWaits = true;
    this.#clock.defer(this.#pump);
  }

  readonly #pump = (): void => {
    this.#pumpWaits = false;
    if (this.#closed) return;
    if (this.#older !== undefined) this.#older = this.#older.#first();
    const now = this.#clock.now();
    const expired = this.#batcher.expire(now);
    let waitUntil = NEVER;
    // Each turn begins with the next replica, so that equals share the work.
    const start = this.#turn++;
    for (let i = 0; i < this.#links.length; i++) {
      const link = this.#links[(start + i) % this.#links.length];
      while (link !== undefined && link.credits > 0) {
        const next = this.#batcher.next(now, link, { replicas: this.#links.length, wakeLateMicros: this.#lateness.micros });
        // First the batch: to answer who is let go takes time, in which the replica would have nothing to do.
        if (next.kind === 'flush') this.#send(new InFlight(next.batch, link, this.#flightOwner), now);
        this.#settle(next.settled);
        if (next.kind === 'wait') waitUntil = Math.min(waitUntil, next.until);
        if (next.kind !== 'flush') break;
      }
    }
    this.#settle(expired);
    this.#meters.depth(this.#batcher.queuedRows);
    this.#wakeBy(Math.min(waitUntil, this.#batcher.nextExpiry(), this.#nextLook(now)));
  };

  /** Sends what it can before a younger queue does; itself, as long as anything waits. */
  #first(): ModelQueue | undefined {
    this.#pump();
    return this.#older === undefined && this.#batcher.queuedRows === 0 ? undefined : this;
  }

  #send(flight: InFlight, now: Micros): void {
    const { batch } = flight;
    this.#flights.set(batch.id, flight);
    if (batch.repeat !== undefined) this.#meters.repeated(batch.repeat);
    for (const slice of batch.slices) this.#meters.waited(now - slice.task.query.arrivedAtMicros);
    flight.send(Math.max(0, batch.deadlineAtMicros - now), this.#watched);
  }

  readonly #flightOwner: FlightOwner = {
    // Before whatever the rows make others defer: the next batch leaves first.
    answering: () => this.#pumpSoon(),
    ended: (flight, end) => this.#ended(flight, end),
  };

  #ended(flight: InFlight, end: BatchEnd): void {
    if (!this.#flights.delete(flight.batch.id)) return;
    const now = this.#clock.now();
    this.#mindStandstill(now - this.#wakeAtMicros, flight);
    const report = reportOf(flight, end, now);
    this.#meters.batch(report);
    this.totals.batch(report);
    if (report.outcome === 'done') this.recent.add(report.batch.rows, now - report.batch.sentAtMicros);
    this.#settle(this.#batcher.observe(report, now));
    // One that drains answers after it has left: what that taught of it alone would stay for good.
    if (!this.#links.includes(flight.link)) this.#batcher.forget?.(flight.link.id);
    this.#showOutlook(now);
    this.#pumpSoon();
  }

  #showOutlook(now: Micros): void {
    if (now < this.#outlookAtMicros) return;
    this.#outlookAtMicros = now + OUTLOOK_MICROS;
    const { sloMs, batching: { maxBatch } } = this.spec;
    const outlook = this.#batcher.outlook?.(now, { sloMicros: sloMs * 1000, maxBatch });
    if (outlook !== undefined) this.#meters.outlook(outlook);
  }

  #settle(settled: readonly Settled<RowTask>[]): void {
    for (const one of settled) {
      const { slice, reason } = one;
      this.#meters.shed(reason, slice.task.priority ?? NORMAL_PRIORITY, slice.count);
      slice.task.missed(slice.first, slice.count, missOf(one));
    }
  }

  #nextLook(now: Micros): Micros {
    let earliest = NEVER;
    for (const flight of this.#flights) if (!flight.hung) earliest = Math.min(earliest, flight.hungAtMicros, now + LOOK_MICROS);
    return earliest;
  }

  #wakeBy(at: Micros): void {
    if (at >= this.#wakeAtMicros) return;
    this.#stopWake();
    // What is due already is due now: a wake that was never asked for in time is not late.
    this.#wakeAtMicros = Math.max(at, this.#clock.now());
    this.#stopWake = this.#clock.wakeAt(this.#wakeAtMicros, this.#wake);
  }

  /** Replicas may have stood still too, or have answered and nobody has read it: that time is not theirs. */
  #mindStandstill(lateMicros: Micros, flight: InFlight): void {
    if (lateMicros <= LOOK_MICROS) return;
    flight.hungAtMicros += lateMicros;
    flight.stoodStill = true;
  }

  readonly #wake = (): void => {
    const now = this.#clock.now();
    const lateMicros = now - this.#wakeAtMicros;
    this.#lateness.woke(this.#wakeAtMicros, now);
    this.#wakeAtMicros = NEVER;
    this.#stopWake = () => undefined;
    for (const flight of this.#flights) this.#mindStandstill(lateMicros, flight);
    for (const flight of this.#flights.all()) {
      if (flight.hung || flight.hungAtMicros > now) continue;
      flight.hung = true;
      this.detach(flight.link);
      const ranMs = Math.round((now - flight.batch.sentAtMicros) / 1000);
      this.#onHung(flight.link, `no answer to a batch of ${flight.batch.rows} for ${ranMs} ms`);
    }
    this.#pump();
  };
}
