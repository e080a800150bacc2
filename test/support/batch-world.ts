import { random, type Random } from '../../bench/load/random.ts';
import { Batcher } from '../../frontend/batching/batcher.ts';
import type { Controller } from '../../frontend/batching/controller.ts';
import type { LatencyLaw, LatencyModel } from '../../frontend/batching/latency-law.ts';
import type { Batch, Next, Settled } from '../../frontend/batching/task.ts';
import type { ReplicaView } from '../../frontend/domain/replica.ts';
import { makeTask, type TestTask } from './batch-tasks.ts';

/** Queries of one app: Poisson unless they are even, one row each. */
export interface Stream {
  readonly name: string;
  readonly perSecond: number;
  readonly even?: boolean;
  /** None arrives after; no end unless given. */
  readonly endsAtMicros?: number;
  readonly sloMicros: number;
  readonly weight?: number;
  readonly priority?: number;
  readonly batchKey?: string;
}

export interface BatchWorldOptions {
  readonly controller: Controller;
  readonly streams: readonly Stream[];
  /** The law of each replica; the batcher is given it, unless it has a model of its own. */
  readonly laws: readonly LatencyLaw[];
  readonly latency?: LatencyModel;
  /** How long a batch really takes, where that is not as its law says. */
  readonly took?: (replica: number, rows: number, now: number) => number;
  readonly seed: number;
  readonly maxQueueRows?: number;
  /** Looks at every answer to a replica with a credit; `waiting` is what is still in the queue. */
  readonly onNext?: (seen: Seen) => void;
  /** Somebody was turned away at the door for want of room. */
  readonly onFull?: (task: TestTask, waiting: ReadonlySet<TestTask>) => void;
}

export interface Seen {
  readonly now: number;
  readonly law: LatencyLaw;
  readonly next: Next<TestTask>;
  readonly waiting: ReadonlySet<TestTask>;
  /** When the first of the last four queries came; -Infinity before there were so many. */
  readonly fourthLastAt: number;
}

export interface StreamEnd {
  offered: number;
  onTime: number;
}

interface Running {
  readonly replica: ReplicaView;
  readonly batch: Batch<TestTask>;
  readonly endsAt: number;
}

/** The production batcher on replicas that keep their laws, and somebody who keeps books of what waits. */
export class BatchWorld {
  readonly ends: Map<string, StreamEnd>;
  readonly #options: BatchWorldOptions;
  readonly #batcher: Batcher<TestTask>;
  readonly #draw: Random;
  readonly #replicas: readonly ReplicaView[];
  readonly #running = new Map<string, Running>();
  readonly #waiting = new Set<TestTask>();
  readonly #nextAt: number[];
  /** Of the last four queries, the last one last. */
  #cameAt: readonly number[] = [-Infinity, -Infinity, -Infinity, -Infinity];
  #wakeAt = Infinity;

  constructor(options: BatchWorldOptions) {
    const { laws, streams, controller, seed, maxQueueRows = 10_000 } = options;
    this.#options = options;
    this.#draw = random(seed);
    this.#replicas = laws.map((_, i) => ({ id: String(i), maxBatch: Infinity }));
    const lawOf = (id: string): LatencyLaw => laws[Number(id)] as LatencyLaw;
    const latency = options.latency ?? { law: lawOf('0'), lawOf, observe: () => undefined, doubt: () => undefined, forget: () => undefined };
    this.#batcher = new Batcher<TestTask>({ latency, controller, maxQueueRows, hash: () => 0 });
    this.ends = new Map(streams.map(({ name }) => [name, { offered: 0, onTime: 0 }]));
    this.#nextAt = streams.map((_, i) => this.#after(i, 0));
  }

  /** Plays from 0 to `untilMicros`; what is offered from `fromMicros` on is counted. */
  play(fromMicros: number, untilMicros: number): Map<string, StreamEnd> {
    for (;;) {
      const now = Math.min(...this.#nextAt, ...[...this.#running.values()].map(({ endsAt }) => endsAt), this.#batcher.nextExpiry(), this.#wakeAt);
      if (now > untilMicros) return this.ends;
      this.#settle(this.#batcher.expire(now));
      for (const running of [...this.#running.values()]) if (running.endsAt <= now) this.#end(running, now, fromMicros);
      this.#nextAt.forEach((at, i) => {
        if (at > now) return;
        this.#arrive(i, now, fromMicros);
        this.#nextAt[i] = this.#after(i, now);
      });
      this.#pull(now);
    }
  }

  /** When the next query of a stream comes. */
  #after(i: number, now: number): number {
    const { perSecond, even = false, endsAtMicros = Infinity } = this.#options.streams[i] as Stream;
    const at = now + Math.ceil(((even ? 1 : -Math.log(1 - this.#draw())) * 1e6) / perSecond);
    return at <= endsAtMicros ? at : Infinity;
  }

  #arrive(i: number, now: number, fromMicros: number): void {
    const { name, sloMicros, weight = 1, priority = 1, batchKey = 'k' } = this.#options.streams[i] as Stream;
    const made = makeTask({ name, arrivedAtMicros: now, sloMicros, batchKey });
    const task: TestTask = { ...made, query: { ...made.query, app: name }, weight, priority };
    if (now >= fromMicros) this.#endOf(task).offered++;
    this.#cameAt = [...this.#cameAt.slice(1), now];
    const offer = this.#batcher.offer(task, now, { replicas: this.#replicas.length });
    if (offer.kind === 'admitted') this.#waiting.add(task);
    else if (offer.reason === 'queue_full') this.#options.onFull?.(task, this.#waiting);
    this.#settle(this.#batcher.expire(now));
  }

  #pull(now: number): void {
    this.#wakeAt = Infinity;
    for (const [i, replica] of this.#replicas.entries()) {
      if (this.#running.has(replica.id)) continue;
      const law = this.#options.laws[i] as LatencyLaw;
      const next = this.#batcher.next(now, replica, { replicas: this.#replicas.length });
      this.#settle(next.settled);
      if (next.kind === 'wait') this.#wakeAt = Math.min(this.#wakeAt, next.until);
      if (next.kind === 'flush') {
        for (const { task } of next.batch.slices) this.#waiting.delete(task);
        this.#running.set(replica.id, { replica, batch: next.batch, endsAt: now + (this.#options.took?.(i, next.batch.rows, now) ?? law.meanMicros(next.batch.rows)) });
      }
      this.#options.onNext?.({ now, law, next, waiting: this.#waiting, fourthLastAt: this.#cameAt[0] ?? -Infinity });
    }
  }

  #end({ replica, batch }: Running, now: number, fromMicros: number): void {
    this.#running.delete(replica.id);
    for (const { task } of batch.slices) if (now <= task.deadlineAtMicros && task.query.arrivedAtMicros >= fromMicros) this.#endOf(task).onTime++;
    this.#settle(this.#batcher.observe({ batch, endedAtMicros: now, outcome: 'done', unanswered: [] }, now));
  }

  #settle(settled: readonly Settled<TestTask>[]): void {
    for (const { slice } of settled) this.#waiting.delete(slice.task);
  }

  #endOf({ name }: TestTask): StreamEnd {
    const end = this.ends.get(name);
    if (end === undefined) throw new RangeError(`no stream ${name}`);
    return end;
  }
}
