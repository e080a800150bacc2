import type { Micros } from '../domain/clock.ts';

const SLOT_BITS = 10;
const SLOTS = 4096;

/** What hangs in the wheel: the links are the wheel's own. */
export interface Timed {
  expiresAtMicros: Micros;
  wheelSlot: number;
  wheelNext: Timed | undefined;
  wheelPrevious: Timed | undefined;
}

/**
 * Deadlines of everything under way, in a hashed timing wheel (Varghese and Lauck, SOSP '87, scheme 6): adding and
 * removing are O(1), because nearly everything is answered, and so removed, before its time.
 *
 *     slot  0    1    2    …   4095        one slot is 1,024 µs; a turn of the wheel 4.2 s
 *           ↕         ↕                    what lies more than a turn ahead stays in its slot and is passed over
 */
export class DeadlineWheel<T extends Timed> {
  readonly #heads: (T | undefined)[] = new Array<T | undefined>(SLOTS).fill(undefined);
  #size = 0;
  /** Slot number (not reduced) up to which everything due has been taken out. */
  #cursor = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T, now: Micros): void {
    if (this.#size === 0) this.#cursor = slotNumber(now);
    const slot = Math.max(slotNumber(item.expiresAtMicros), this.#cursor) % SLOTS;
    const head = this.#heads[slot];
    item.wheelSlot = slot;
    item.wheelPrevious = undefined;
    item.wheelNext = head;
    if (head !== undefined) head.wheelPrevious = item;
    this.#heads[slot] = item;
    this.#size++;
  }

  /** Takes `item` out; nothing happens where it is not in. */
  remove(item: T): void {
    const slot = item.wheelSlot;
    if (slot < 0) return;
    const next = item.wheelNext as T | undefined;
    const previous = item.wheelPrevious as T | undefined;
    if (previous === undefined) this.#heads[slot] = next;
    else previous.wheelNext = next;
    if (next !== undefined) next.wheelPrevious = previous;
    item.wheelSlot = -1;
    item.wheelNext = undefined;
    item.wheelPrevious = undefined;
    this.#size--;
  }

  /** Takes out what is due at `now` and hands each to `due`, which may add and remove. */
  expire(now: Micros, due: (item: T) => void): void {
    const last = slotNumber(now);
    const from = Math.max(this.#cursor, last - SLOTS + 1);
    for (let number = from; number <= last && this.#size > 0; number++) {
      // What `due` adds and is due already must come to a slot that is still to be looked at.
      this.#cursor = number;
      // From the slot's head again after each: `due` may have changed the list. What is passed over is of later turns.
      for (let item = this.#firstDue(number, now); item !== undefined; item = this.#firstDue(number, now)) {
        this.remove(item);
        due(item);
      }
    }
    this.#cursor = last;
  }

  /** The earliest deadline in the wheel; Infinity when it is empty. */
  next(): Micros {
    let earliest = Number.POSITIVE_INFINITY;
    for (let ahead = 0; ahead < SLOTS && this.#size > 0; ahead++) {
      const number = this.#cursor + ahead;
      for (let item = this.#head(number); item !== undefined; item = item.wheelNext) {
        if (item.expiresAtMicros < earliest) earliest = item.expiresAtMicros;
      }
      // Within this turn, no later slot can hold anything earlier.
      if (slotNumber(earliest) <= number) return earliest;
    }
    return earliest;
  }

  #head(number: number): Timed | undefined {
    return this.#heads[number % SLOTS];
  }

  #firstDue(number: number, now: Micros): T | undefined {
    let item = this.#head(number);
    while (item !== undefined && item.expiresAtMicros > now) item = item.wheelNext;
    return item as T | undefined;
  }
}

function slotNumber(at: Micros): number {
  return Math.floor(at / 2 ** SLOT_BITS);
}
