/** The number of `one` among those that were named so far, from 1. */
export function numbered<Named>(named: Map<Named, number>, one: Named): number {
  const known = named.get(one);
  if (known !== undefined) return known;
  named.set(one, named.size + 1);
  return named.size;
}
