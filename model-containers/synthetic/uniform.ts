/**
 * A number in [0, 1) from a seed, a counter and the number of the stream: the same three give the same number, on every
 * machine, and nothing is kept between calls. Mixing: the finaliser of MurmurHash3 (public domain, Appleby), once per word.
 */
export function uniform(seed: number, counter: number, stream: number): number {
  let hash = 0x9e37_79b9;
  for (const word of [seed % 2 ** 32, Math.floor(seed / 2 ** 32), counter, stream]) hash = mix((hash ^ word) >>> 0);
  return (hash * 2 ** 21 + (mix(hash ^ 0x85eb_ca6b) >>> 11)) / 2 ** 53;
}

function mix(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35);
  // An odd constant keeps 0 from being a fixed point.
  return ((h ^ (h >>> 16)) + 0x6d2b_79f5) >>> 0;
}
