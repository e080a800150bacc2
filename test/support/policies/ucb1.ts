import type { Increment, Policy, RewardEvent } from '../../../selection-policies/policy.ts';

/** UCB1 (Auer et al. 2002), as somebody who read the README would write it. */
export const policy = {
  name: 'ucb1',
  summary: 'The arm of the highest upper confidence bound.',
  options: { width: { type: 'number', default: 2, min: 0, max: 10, help: 'Factor of ln t / n under the root.' } },
  make: ({ width }: { width: number }): Policy<{ pulls: number[]; sums: number[] }> => ({
    name: 'ucb1',
    contextual: false,
    contribution: ({ rewards }: RewardEvent) => rewards.flatMap(({ arm, reward }): Increment[] => [
      { cell: `${arm}/pulls`, add: 1n },
      { cell: `${arm}/sum`, add: BigInt(Math.round(reward * 1000)) },
    ]),
    view: (cells, _nowMicros, arms) => ({
      pulls: arms.map((arm) => Number(cells.get(`${arm}/pulls`) ?? 0n)),
      sums: arms.map((arm) => Number(cells.get(`${arm}/sum`) ?? 0n) / 1000),
    }),
    plan({ pulls, sums }, arms, _context, mask) {
      const total = pulls.reduce((sum, n) => sum + n, 1);
      const bound = (n: number, sum: number): number => (n === 0 ? Infinity : sum / n + Math.sqrt((width * Math.log(total)) / n));
      const bounds = arms.map((_, i) => (mask[i] === true ? bound(pulls[i] ?? 0, sums[i] ?? 0) : -Infinity));
      const chosen = bounds.indexOf(Math.max(...bounds));
      return { actions: arms.map((arm) => ({ ask: [arm] })), pmf: arms.map((_, i) => (i === chosen ? 1 : 0)) };
    },
    estimates: ({ pulls, sums }) => pulls.map((n, i) => (n === 0 ? undefined : { mean: (sums[i] ?? 0) / n, weight: n })),
  }),
} as const;
