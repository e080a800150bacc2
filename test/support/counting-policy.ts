import { apply, fixed } from '../../selection-policies/cells.ts';
import { soloPlan } from '../../selection-policies/pmf.ts';
import type { Policy } from '../../selection-policies/policy.ts';

/** Counts rewards and sums them up, a cell each for every arm; `latest` is a maximum of times. Any arm, evenly. */
export const countingPolicy: Policy<null> = Object.freeze<Policy<null>>({
  name: 'counting',
  contextual: false,
  contribution: ({ rewards, atMicros }) => [
    ...rewards.flatMap(({ arm, reward }) => [{ cell: `n/${arm}`, add: 1n }, { cell: `r/${arm}`, add: fixed(reward) }]),
    { cell: 'latest', max: BigInt(atMicros) },
  ],
  view: () => null,
  plan: (_view, arms, _context, mask) => soloPlan(arms, mask.map((may) => (may ? 1 / mask.filter(Boolean).length : 0))),
  estimates: (_view) => [],
});

/** The cells as plain data, to be compared. */
export function plainCells(cells: ReadonlyMap<string, bigint>): Record<string, bigint> {
  return Object.fromEntries([...cells].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The state that these increments make. */
export function cellsOf(increments: Parameters<typeof apply>[1]): Record<string, bigint> {
  const cells = new Map<string, bigint>();
  apply(cells, increments);
  return plainCells(cells);
}
