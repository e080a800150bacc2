import type { Random } from '../load/random.ts';

/** One of the list. */
export function pick<T>(draw: Random, list: readonly T[]): T {
  if (list.length === 0) throw new RangeError('nothing to pick from');
  return list[Math.floor(draw() * list.length)] as T;
}

/** A whole number from 0 to `below` - 1. */
export function below(draw: Random, bound: number): number {
  return Math.floor(draw() * bound);
}

export function chance(draw: Random, probability: number): boolean {
  return draw() < probability;
}

export function randomBytes(draw: Random, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let i = 0; i < length; i++) bytes[i] = below(draw, 256);
  return bytes;
}
