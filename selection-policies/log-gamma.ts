/**
 * ln Γ(z) - ((z - ½) ln z - z + ½ ln 2π), for z > 0: what Stirling's formula leaves (Abramowitz and Stegun 6.1.41), by the
 * recurrence of Γ up to where seven terms of the series are exact to double precision.
 */
export function stirlingRemainder(z: number): number {
  let remainder = 0;
  let at = z;
  for (; at < 8; at++) remainder += (at + 0.5) * Math.log1p(1 / at) - 1;
  const r = 1 / (at * at);
  const series = 1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r * (1 / 1188 - r * (691 / 360360 - r / 156)))));
  return remainder + series / at;
}

/** ln Γ(z), z > 0. */
export function logGamma(z: number): number {
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + stirlingRemainder(z);
}
