import type { Clock, Micros } from '../../domain/clock.ts';
import type { Meter } from '../../domain/meter.ts';
import { residentBytes } from './process-memory.ts';

/** A process that is looked at; `over` is told once that it has more than `limitBytes`. */
export interface WatchedProcess {
  readonly pid: number;
  /** Those of its model version. */
  readonly labels: Readonly<Record<string, string>>;
  readonly limitBytes?: number;
  over(bytes: number): void;
}

/** A process with a limit, and one that came just now. */
export const LOOK_EVERY_MICROS: Micros = 1_000_000;
/** One that is only told of: a hundred of them, each second, would be half a percent of a core. */
export const GLANCE_EVERY_MICROS: Micros = 10_000_000;
/** A round is spread, so that looking at hundreds of replicas never holds up an answer. */
const MOST_PARTS = 10;
const FEWEST_A_PART = 4;

/** Looks at the memory of every process, often where it has a limit, and counts it by model version. */
export class MemoryWatch {
  readonly #measure: (pid: number) => number | undefined;
  readonly #meter: Meter;
  readonly #bytes = new Map<WatchedProcess, number | undefined>();
  readonly #limited: Round;
  readonly #unlimited: Round;

  constructor(clock: Clock, meter: Meter, measure: (pid: number) => number | undefined = residentBytes) {
    this.#meter = meter;
    this.#measure = measure;
    const parts = { clock, lookAt: (process: WatchedProcess) => this.#lookAt(process), looked: () => this.#count() };
    this.#limited = new Round({ ...parts, everyMicros: LOOK_EVERY_MICROS });
    this.#unlimited = new Round({ ...parts, everyMicros: GLANCE_EVERY_MICROS });
  }

  add(process: WatchedProcess): void {
    this.#bytes.set(process, undefined);
    this.#roundOf(process).add(process);
  }

  remove(process: WatchedProcess): void {
    this.#roundOf(process).remove(process);
    this.#bytes.set(process, 0);
    this.#count();
    this.#bytes.delete(process);
  }

  /** When last looked at; undefined before. */
  bytesOf(process: WatchedProcess): number | undefined {
    return this.#bytes.get(process);
  }

  #roundOf({ limitBytes }: WatchedProcess): Round {
    return limitBytes === undefined ? this.#unlimited : this.#limited;
  }

  #lookAt(process: WatchedProcess): void {
    const before = this.#bytes.get(process) ?? 0;
    const bytes = this.#measure(process.pid);
    this.#bytes.set(process, bytes);
    const { limitBytes = Number.POSITIVE_INFINITY } = process;
    if (bytes !== undefined && bytes > limitBytes && before <= limitBytes) process.over(bytes);
  }

  #count(): void {
    const sums = new Map<number, number>();
    for (const [{ labels }, bytes = 0] of this.#bytes) {
      const cell = this.#meter.cell('tradewind_replica_memory_bytes', labels);
      sums.set(cell, (sums.get(cell) ?? 0) + bytes);
    }
    for (const [cell, bytes] of sums) this.#meter.set(cell, bytes);
  }
}

interface RoundParts {
  readonly clock: Clock;
  readonly everyMicros: Micros;
  readonly lookAt: (process: WatchedProcess) => void;
  /** Every process had its turn. */
  readonly looked: () => void;
}

/** Looks at all of its processes within a time, part by part; while it has none, it sleeps. */
class Round {
  readonly #parts: RoundParts;
  readonly #members = new Set<WatchedProcess>();
  #left: WatchedProcess[] = [];
  #stopWake: () => void = () => undefined;
  #wakeAt: Micros = Number.POSITIVE_INFINITY;

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  /** It has its turn first, and soon. */
  add(process: WatchedProcess): void {
    this.#members.add(process);
    this.#left.unshift(process);
    this.#sleep(LOOK_EVERY_MICROS);
  }

  remove(process: WatchedProcess): void {
    this.#members.delete(process);
    if (this.#members.size > 0) return;
    this.#stopWake();
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#left = [];
  }

  /** Until then at the latest: who comes while it sleeps makes it wake earlier, never later. */
  #sleep(micros: Micros): void {
    const { clock } = this.#parts;
    const at = clock.now() + micros;
    if (at >= this.#wakeAt) return;
    this.#stopWake();
    this.#wakeAt = at;
    this.#stopWake = clock.wakeAt(at, () => this.#turn());
  }

  #turn(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    if (this.#left.length === 0) this.#left = [...this.#members];
    const now = this.#left.splice(0, Math.max(FEWEST_A_PART, Math.ceil(this.#members.size / MOST_PARTS)));
    for (const process of now) if (this.#members.has(process)) this.#parts.lookAt(process);
    if (this.#left.length === 0) this.#parts.looked();
    const parts = Math.min(MOST_PARTS, Math.ceil(this.#members.size / FEWEST_A_PART));
    if (this.#members.size > 0) this.#sleep(this.#parts.everyMicros / parts);
  }
}
