import type { AdminSelection } from '../../frontend/http/admin/selection.ts';

/** Selection as admin sees it, of no app. */
export const NO_SELECTION: AdminSelection = Object.freeze<AdminSelection>({
  view: () => undefined,
  keyView: async () => undefined,
  forgetKey: async () => false,
  reset: async () => false,
  decision: async () => ({ refusal: { kind: 'refused', code: 'unknown_decision' } }),
});
