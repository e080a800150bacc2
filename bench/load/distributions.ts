import type { Random } from './random.ts';

/** Normal with mean 0 and deviation 1 (Box and Muller, 1958). */
export function normal(draw: Random): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}

/**
 * Gamma of this shape and mean 1 (Marsaglia and Tsang, "A simple method for generating gamma variables", 2000). Shape 1 is
 * exponential, below it arrivals clump, above it they are even.
 */
export function gamma(draw: Random, shape: number): number {
  if (shape < 1) return (gamma(draw, shape + 1) * (shape + 1) * (1 - draw()) ** (1 / shape)) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(draw);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - draw()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape;
  }
}
