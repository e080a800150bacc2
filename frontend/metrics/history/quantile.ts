/**
 * The `q`-quantile of what a histogram counted, between the bounds of its bucket in proportion, as PromQL's
 * `histogram_quantile` has it; the highest bound where it lies beyond. `counts` has one more entry than `bounds`.
 * Undefined where nothing was counted.
 */
export function quantile(bounds: readonly number[], counts: ArrayLike<number>, q: number): number | undefined {
  let total = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i] ?? 0;
  if (total === 0) return undefined;
  const wanted = q * total;
  let seen = 0;
  for (const [i, bound] of bounds.entries()) {
    const here = counts[i] ?? 0;
    if (here > 0 && seen + here >= wanted) {
      const low = i === 0 ? 0 : (bounds[i - 1] ?? 0);
      return low + ((bound - low) * (wanted - seen)) / here;
    }
    seen += here;
  }
  return bounds.at(-1);
}
