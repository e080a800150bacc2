/**
 * The seed of this run's random tests: TRADEWIND_SEED, or a new one. Stands in the title of every random test, so that
 * a failure can be run again.
 */
export const SEED = seedFrom(process.env['TRADEWIND_SEED']);

function seedFrom(given: string | undefined): number {
  if (given === undefined || given === '') return Math.floor(Math.random() * 2 ** 31);
  const seed = Number(given);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`TRADEWIND_SEED must be an integer, not "${given}"`);
  return seed;
}

/** `what`, with the seed: the title of a random test. */
export function seeded(what: string): string {
  return `${what} (TRADEWIND_SEED=${SEED})`;
}
