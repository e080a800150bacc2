/** How many are kept: enough to see a line through them. */
const KEPT = 256;

/** The last batches of a model version that a replica finished: two array stores each. */
export class RecentBatches {
  readonly #rows = new Uint32Array(KEPT);
  readonly #micros = new Float64Array(KEPT);
  #count = 0;

  /** From sending to the end, as the broker saw it. */
  add(rows: number, micros: number): void {
    const at = this.#count++ % KEPT;
    this.#rows[at] = rows;
    this.#micros[at] = micros;
  }

  /** Oldest first. */
  list(): { readonly rows: number; readonly micros: number }[] {
    const first = Math.max(0, this.#count - KEPT);
    return Array.from({ length: this.#count - first }, (_, i) => {
      const at = (first + i) % KEPT;
      return { rows: this.#rows[at] ?? 0, micros: this.#micros[at] ?? 0 };
    });
  }
}
