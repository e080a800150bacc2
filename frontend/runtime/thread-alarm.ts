import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Micros } from '../domain/clock.ts';
import { TimeoutAlarm, type Alarm } from './alarm.ts';
import { CHANGES, CLOSED_NANOS, NEVER_NANOS, type AlarmShared } from './alarm-thread-shared.ts';

/** The thread keeps nothing: a small heap serves. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

/**
 * An alarm kept by a thread that sleeps until its time and then sends a word: a tenth of a millisecond late where setTimeout
 * is half a one late and often a whole. An objective of 5 ms is worth it: whoever must be done by a time leaves as much
 * earlier as wakes come late. Should the thread end, setTimeout takes over.
 */
export class ThreadAlarm implements Alarm {
  readonly #worker: Worker;
  readonly #changes: Int32Array;
  readonly #atNanos: BigInt64Array;
  #ring: () => void = () => undefined;
  #instead: TimeoutAlarm | undefined;

  /** `thread`: the program, for tests. */
  constructor(thread: URL = new URL(`./alarm-thread${extname(import.meta.url)}`, import.meta.url)) {
    const shared: AlarmShared = { changes: new SharedArrayBuffer(4), atNanos: new SharedArrayBuffer(8) };
    this.#changes = new Int32Array(shared.changes);
    this.#atNanos = new BigInt64Array(shared.atNanos);
    this.#atNanos[0] = NEVER_NANOS;
    this.#worker = new Worker(thread, { workerData: shared, resourceLimits: RESOURCE_LIMITS });
    this.#worker.on('message', () => {
      this.#worker.unref();
      this.#ring();
    });
    this.#worker.on('error', () => undefined);
    this.#worker.once('exit', () => this.#takeOver());
    this.#worker.unref();
  }

  connect(ring: () => void): void {
    this.#ring = ring;
  }

  set(inMicros: Micros): void {
    if (this.#instead !== undefined) {
      this.#instead.set(inMicros);
      return;
    }
    this.#worker.ref();
    this.#tell(inMicros < Number.MAX_SAFE_INTEGER ? process.hrtime.bigint() + BigInt(Math.ceil(inMicros)) * 1000n : NEVER_NANOS);
  }

  clear(): void {
    this.#instead?.clear();
    this.#worker.unref();
    this.#tell(NEVER_NANOS);
  }

  close(): void {
    this.#ring = () => undefined;
    this.#instead?.close();
    this.#worker.unref();
    this.#tell(CLOSED_NANOS);
  }

  #tell(atNanos: bigint): void {
    Atomics.store(this.#atNanos, 0, atNanos);
    Atomics.add(this.#changes, CHANGES, 1);
    Atomics.notify(this.#changes, CHANGES);
  }

  #takeOver(): void {
    const at = Atomics.load(this.#atNanos, 0);
    if (at === CLOSED_NANOS) return;
    this.#instead = new TimeoutAlarm();
    this.#instead.connect(() => this.#ring());
    if (at !== NEVER_NANOS) this.#instead.set(Number(at - process.hrtime.bigint()) / 1000);
  }
}
