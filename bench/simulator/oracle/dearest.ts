/**
 * The dearest of what was offered, as many as there is room for: how many at each level of worth, and what they are worth
 * together. Room only shrinks, so what has been pushed out need not come back, and every step is cheap.
 */
export class Dearest {
  readonly #counts: Int32Array;
  /** No level below it is held. */
  #lowest = 0;
  #size = 0;
  #worth = 0;

  /** Worths are integers from 0 to `highest`. */
  constructor(highest: number) {
    this.#counts = new Int32Array(highest + 1);
  }

  /** The sum over all that are held. */
  get worth(): number {
    return this.#worth;
  }

  clear(): void {
    if (this.#size > 0) this.#counts.fill(0);
    this.#lowest = 0;
    this.#size = 0;
    this.#worth = 0;
  }

  /** Lets the cheapest go until `room` are left. */
  shrink(room: number): void {
    while (this.#size > room) this.#drop(this.#cheapest());
  }

  /** Takes one in, for the cheapest where there is no room; what is worth nothing needs none. */
  offer(worth: number, room: number): void {
    if (worth === 0) return;
    if (this.#size >= room) {
      const cheapest = this.#cheapest();
      if (worth <= cheapest) return;
      this.#drop(cheapest);
    }
    this.#counts[worth] = (this.#counts[worth] as number) + 1;
    this.#lowest = this.#size === 0 ? worth : Math.min(this.#lowest, worth);
    this.#size++;
    this.#worth += worth;
  }

  /** Takes one of this worth out; false where none is held. */
  take(worth: number): boolean {
    if (worth === 0 || this.#counts[worth] === 0) return false;
    this.#drop(worth);
    return true;
  }

  #drop(worth: number): void {
    this.#counts[worth] = (this.#counts[worth] as number) - 1;
    this.#size--;
    this.#worth -= worth;
  }

  #cheapest(): number {
    while (this.#counts[this.#lowest] === 0) this.#lowest++;
    return this.#lowest;
  }
}
