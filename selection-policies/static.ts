import type { Plan, Policy } from './policy.ts';

/** Always the first arm that may be asked, in the app's order: the rest are fallbacks. Learns nothing. */
export const staticPolicy: Policy<null> = Object.freeze({
  name: 'static',
  contextual: false,
  contribution: () => [],
  view: () => null,
  plan(_view: null, arms: readonly string[], _context: unknown, mask: readonly boolean[]): Plan {
    const first = arms.find((_, i) => mask[i] === true);
    if (first === undefined) throw new RangeError('static: every arm is masked; the caller must not ask for a plan then');
    return { actions: [{ ask: [first] }], pmf: [1] };
  },
});
