/** The largest size up to `most` that fits, 1 if none does; what fits a size fits every smaller one. */
export function largestSize(most: number, fits: (rows: number) => boolean): number {
  let low = 1, high = Math.max(1, Math.min(most, 2 ** 20));
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}
