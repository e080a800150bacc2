import { policyKind } from './kind.ts';
import { greatest, soloPlan } from './pmf.ts';
import type { Policy } from './policy.ts';

/** Always the first arm that may be asked, in the app's order: the rest are fallbacks. Cells: none, it learns nothing. */
export const staticPolicy: Policy<number> = Object.freeze({
  name: 'static',
  contextual: false,
  contribution: () => [],
  view: (_cells: unknown, _nowMicros: number, arms: readonly string[]) => arms.length,
  plan: (_view: number, arms: readonly string[], _context: unknown, mask: readonly boolean[]) => soloPlan(arms, greatest(arms.map((_, i) => -i), mask)),
  estimates: (arms: number) => new Array<undefined>(arms).fill(undefined),
});

export const staticKind = policyKind({
  name: 'static',
  summary: 'The first arm that can be asked; the others are its fallbacks, in their order.',
  options: {},
  make: () => staticPolicy,
});
