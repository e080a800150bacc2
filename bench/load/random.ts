/** A seeded source of uniform numbers in [0, 1). */
export type Random = () => number;

/**
 * sfc32 ("Small Fast Counting", C. Doty-Humphrey, PractRand), seeded by one integer; the first rounds are thrown away.
 * The same seed gives the same numbers on every machine.
 */
export function random(seed: number): Random {
  let a = seed | 0;
  let b = Math.floor(seed / 2 ** 32) | 0;
  let c = 0x9e3779b9;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

/** An exponentially distributed number of the given mean. */
export function exponential(draw: Random, mean: number): number {
  return -Math.log(1 - draw()) * mean;
}
