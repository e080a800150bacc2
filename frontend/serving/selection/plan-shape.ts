import { soloPlan } from '../../../selection-policies/pmf.ts';
import type { Action, Arm, Mask, Plan } from '../../../selection-policies/policy.ts';
import type { AppSpec, CascadeSpec, EnsembleSpec } from '../../domain/model.ts';

/** What becomes of the policy's plan where an app asks several arms for one answer. */
export function shapeOf({ arms, policy, ensemble, cascade }: AppSpec): (plan: Plan, mask: Mask) => Plan {
  const isOpen = (mask: Mask, arm: Arm): boolean => mask[arms.indexOf(arm)] === true;
  if (ensemble !== undefined) return (plan, mask) => together(plan, ensemble, { arms, even: policy === 'static', isOpen: (arm) => isOpen(mask, arm) });
  if (cascade !== undefined) return (plan, mask) => inTurn(plan, cascade, { arms, isOpen: (arm) => isOpen(mask, arm) });
  return (plan) => plan;
}

/**
 * One action, which asks every open arm of the ensemble. Weights are the policy's own where it weighs arms (`hedge`), else
 * the probabilities with which it would have asked them; `static` has no opinion. The plan itself where no arm of the
 * ensemble is open.
 */
function together(plan: Plan, { arms: chosen }: EnsembleSpec, { arms, even, isOpen }: { arms: readonly Arm[]; even: boolean; isOpen: (arm: Arm) => boolean }): Plan {
  const ask = (chosen ?? arms).filter(isOpen);
  if (ask.length === 0) return plan;
  const [first] = plan.actions;
  const weighs = first !== undefined && plan.actions.length === 1 && first.weights !== undefined;
  const weightOf = (arm: Arm): number => {
    if (even) return 1;
    if (weighs) return first.weights?.[first.ask.indexOf(arm)] ?? 0;
    return plan.actions.reduce((sum, action, k) => sum + (action.ask[0] === arm ? plan.pmf[k] ?? 0 : 0), 0);
  };
  return { actions: [{ ask, weights: ask.map(weightOf) }], pmf: [1] };
}

/** The first arm, then the second; either alone where the other may not be asked. */
function inTurn(plan: Plan, { first, second, below }: CascadeSpec, { arms, isOpen }: { arms: readonly Arm[]; isOpen: (arm: Arm) => boolean }): Plan {
  const [alone, ...others] = [first, second].filter(isOpen);
  if (alone === undefined) return plan;
  // Of an arm that is asked alone, the place of the action says whose the reward is.
  if (others.length === 0) return soloPlan(arms, arms.map((arm) => Number(arm === alone)));
  const action: Action = { ask: [first], second: { arm: second, whenConfidenceBelow: below } };
  return { actions: [action], pmf: [1] };
}
