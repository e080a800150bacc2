/** Rounds of reweighting at most; it stops once the line hardly moves. */
const ROUNDS = 300;
const SETTLED = 1e-5;
/** Residuals below this share of the mean time count as this large. */
const LEAST_RESIDUAL = 1e-4;
/** Sizes that differ by less than this share of their mean tell no slope. */
const LEAST_SPREAD = 0.05;

/** Batches to fit a line to; entries from `count` on mean nothing. */
export interface Samples {
  readonly rows: Float64Array;
  readonly micros: Float64Array;
  readonly count: number;
}

/** Microseconds by rows: intercept + slope · rows. */
export interface Line {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * The line below which the given quantile of the samples lies: linear quantile regression, by iterated weighted least
 * squares (Hunter and Lange, "Quantile Regression via an MM Algorithm", 2000). Where all sizes are about equal there is no
 * slope to be had: the slope of `before` is kept and the line moved.
 */
export function fitQuantileLine(samples: Samples, quantile: number, before: Line): Line {
  const pull = 2 * quantile - 1;
  const { mean, spread, level } = momentsOf(samples);
  const floor = Math.max(level * LEAST_RESIDUAL, 1e-9);
  const isFlat = spread < LEAST_SPREAD * mean;
  let line: Line = { slope: before.slope, intercept: level - before.slope * mean };
  for (let round = 0; round < ROUNDS; round++) {
    const next = reweighted(samples, { pull, line, floor, isFlat });
    const moved = Math.abs(next.slope - line.slope) * mean + Math.abs(next.intercept - line.intercept);
    line = next;
    if (moved < SETTLED * level) break;
  }
  return { slope: line.slope, intercept: quantileAbove(samples, line.slope, quantile) };
}

/** How far above a line through 0 the quantile of the samples lies: exact, where the rounds only come near. */
function quantileAbove({ rows, micros, count }: Samples, slope: number, quantile: number): number {
  const above = Float64Array.from({ length: count }, (_, i) => (micros[i] ?? 0) - slope * (rows[i] ?? 0)).sort();
  return above[Math.min(count - 1, Math.ceil(quantile * count) - 1)] ?? 0;
}

function momentsOf({ rows, micros, count }: Samples): { mean: number; spread: number; level: number } {
  let sum = 0, squares = 0, level = 0;
  for (let i = 0; i < count; i++) {
    const x = rows[i] ?? 0;
    sum += x;
    squares += x * x;
    level += micros[i] ?? 0;
  }
  const mean = sum / count;
  return { mean, spread: Math.sqrt(Math.max(0, squares / count - mean * mean)), level: level / count };
}

function reweighted({ rows, micros, count }: Samples, { pull, line, floor, isFlat }: { pull: number; line: Line; floor: number; isFlat: boolean }): Line {
  let weights = 0, sumX = 0, sumY = 0, sumXX = 0, sumXY = 0;
  for (let i = 0; i < count; i++) {
    const x = rows[i] ?? 0, y = micros[i] ?? 0;
    const weight = 1 / (floor + Math.abs(y - line.slope * x - line.intercept));
    weights += weight;
    sumX += weight * x;
    sumY += weight * y + pull;
    sumXX += weight * x * x;
    sumXY += weight * x * y + pull * x;
  }
  if (isFlat) return { slope: line.slope, intercept: (sumY - line.slope * sumX) / weights };
  const slope = (weights * sumXY - sumX * sumY) / (weights * sumXX - sumX * sumX);
  return { slope, intercept: (sumY - slope * sumX) / weights };
}
