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

export const LOOK_EVERY_MICROS: Micros = 1_000_000;
/** A round is spread, so that looking at hundreds of replicas never holds up an answer. */
const PARTS = 10;

/** Looks at the memory of every process once a second, while there is any, and counts it by model version. */
export class MemoryWatch {
  readonly #clock: Clock;
  readonly #measure: (pid: number) => number | undefined;
  readonly #meter: Meter;
  readonly #bytes = new Map<WatchedProcess, number | undefined>();
  #round: WatchedProcess[] = [];
  #stopWake: (() => void) | undefined;

  constructor(clock: Clock, meter: Meter, measure: (pid: number) => number | undefined = residentBytes) {
    this.#clock = clock;
    this.#meter = meter;
    this.#measure = measure;
  }

  add(process: WatchedProcess): void {
    this.#bytes.set(process, undefined);
    if (this.#stopWake === undefined) this.#sleep();
  }

  remove(process: WatchedProcess): void {
    this.#bytes.set(process, 0);
    this.#count();
    this.#bytes.delete(process);
    if (this.#bytes.size > 0) return;
    this.#stopWake?.();
    this.#stopWake = undefined;
    this.#round = [];
  }

  /** When last looked at; undefined before. */
  bytesOf(process: WatchedProcess): number | undefined {
    return this.#bytes.get(process);
  }

  #sleep(): void {
    this.#stopWake = this.#clock.wakeAt(this.#clock.now() + LOOK_EVERY_MICROS / PARTS, () => this.#look());
  }

  #look(): void {
    if (this.#round.length === 0) this.#round = [...this.#bytes.keys()];
    for (const process of this.#round.splice(0, Math.ceil(this.#bytes.size / PARTS))) this.#lookAt(process);
    if (this.#round.length === 0) this.#count();
    this.#stopWake = undefined;
    if (this.#bytes.size > 0) this.#sleep();
  }

  #lookAt(process: WatchedProcess): void {
    if (!this.#bytes.has(process)) return;
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
