/** Penalties that are tried: what leaves the smallest leave-one-out error is taken. */
const PENALTIES = [1e-6, 1e-4, 1e-2, 1, 10];

/**
 * Ridge regression of y on x with a level, the penalty on both chosen by leave-one-out error, as dlib's `krr_trainer`
 * with a linear kernel does.
 */
export function ridgeLine(points: readonly { readonly x: number; readonly y: number }[]): { slope: number; level: number } {
  let sxx = 0, sx = 0, sxy = 0, sy = 0;
  for (const { x, y } of points) {
    sxx += x * x;
    sx += x;
    sxy += x * y;
    sy += y;
  }
  let best = { slope: 0, level: 0 }, bestError = Infinity;
  for (const penalty of PENALTIES) {
    const a = sxx + penalty, c = points.length + penalty;
    const determinant = a * c - sx * sx;
    const slope = (c * sxy - sx * sy) / determinant;
    const level = (a * sy - sx * sxy) / determinant;
    let error = 0;
    for (const { x, y } of points) {
      const leverage = (c * x * x - 2 * sx * x + a) / determinant;
      error += ((y - slope * x - level) / Math.max(1e-9, 1 - leverage)) ** 2;
    }
    if (error < bestError) {
      best = { slope, level };
      bestError = error;
    }
  }
  return best;
}
