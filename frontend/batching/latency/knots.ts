import { SIZE_CLASSES } from './size-classes.ts';

/** Sizes with what was measured of them, smallest first; entries from `count` on mean nothing. Filled anew for each fit. */
export class Knots {
  count = 0;
  readonly classes = new Int16Array(SIZE_CLASSES);
  readonly rows = new Float64Array(SIZE_CLASSES);
  readonly micros = new Float64Array(SIZE_CLASSES);
  /** Batches that `micros` is the mean of; of older ones, less. */
  readonly batches = new Float64Array(SIZE_CLASSES);

  add(sizeClass: number, rows: number, micros: number, batches: number): void {
    const at = this.count++;
    this.classes[at] = sizeClass;
    this.rows[at] = rows;
    this.micros[at] = micros;
    this.batches[at] = batches;
  }
}

/**
 * Makes the values rise or stay level, changing the weighted sum of squares least: pooling of adjacent violators
 * (Ayer et al., "An Empirical Distribution Function for Sampling with Incomplete Information", 1955).
 */
export function makeMonotone(values: Float64Array, weights: Float64Array, count: number): void {
  for (let i = 1; i < count; i++) {
    if ((values[i] ?? 0) >= (values[i - 1] ?? 0)) continue;
    let first = i;
    let weight = weights[i] ?? 0;
    let sum = (values[i] ?? 0) * weight;
    while (first > 0 && (values[first - 1] ?? 0) * weight > sum) {
      first--;
      const joining = weights[first] ?? 0;
      weight += joining;
      sum += joining * (values[first] ?? 0);
    }
    values.fill(sum / weight, first, i + 1);
  }
}
