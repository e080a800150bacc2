import { random } from '../load/random.ts';

/** So many different requests are sent in turn. */
export const POOL = 64;

/** Rows of random numbers, seven digits each, as float32. */
export function inputRows(features: number, seed: number, rows = 1): readonly Float32Array<ArrayBuffer>[] {
  const draw = random(seed);
  return Array.from({ length: POOL }, () => Float32Array.from({ length: features * rows }, () => Math.round(draw() * 1e7) / 1e7));
}

/** The numbers as JSON writes them, with seven digits. */
export function numbersJson(values: Float32Array): string {
  return Array.from(values, (value) => value.toFixed(7)).join(',');
}
