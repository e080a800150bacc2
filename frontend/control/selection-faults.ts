import type { Entry } from '../../selection-policies/catalog.ts';
import type { Fault } from '../domain/fault.ts';
import type { AppSpec, Combination, OutputKind } from '../domain/model.ts';

/** How answers of a kind can become one. */
const COMBINES: Readonly<Record<OutputKind, readonly Combination[]>> = Object.freeze({
  label: ['vote', 'majority'], value: ['mean', 'median'], probabilities: ['mean'], logits: [], raw: [],
});

/** What is wrong with how an app chooses among its arms, and what it makes of their answers. */
export function selectionFaults(app: AppSpec, policies: ReadonlyMap<string, Entry>, at: Fault['path']): Fault[] {
  return [...policyFaults(app, policies, [...at, 'policy']), ...ensembleFaults(app, [...at, 'ensemble', 'combine']), ...recordFaults(app, [...at, 'journal', 'keep'])];
}

function policyFaults({ policy, policyOptions = {} }: AppSpec, policies: ReadonlyMap<string, Entry>, at: Fault['path']): Fault[] {
  const entry = policies.get(policy);
  if (entry === undefined) return [{ path: at, message: `"${policy}" is no policy`, expected: `one of ${[...policies.keys()].join(', ')}` }];
  const made = entry.make(policyOptions);
  return 'faults' in made ? made.faults.map(({ option, message, expected }) => ({ path: [...at, option], message, expected })) : [];
}

/** Whom a reward of several arms is for, only the record of the decision can say. */
function recordFaults({ arms, ensemble, cascade, journal }: AppSpec, at: Fault['path']): Fault[] {
  const several = arms.length > 1 && (ensemble !== undefined || cascade !== undefined);
  return several && journal?.keep === false ? [{ path: at, message: 'is false beside an ensemble or a cascade, which learns from its records', expected: 'true' }] : [];
}

function ensembleFaults({ ensemble, output }: AppSpec, at: Fault['path']): Fault[] {
  if (ensemble === undefined || COMBINES[output].includes(ensemble.combine)) return [];
  const fitting = COMBINES[output];
  return [{ path: at, message: `"${ensemble.combine}" cannot combine "output: ${output}"`, expected: fitting.length === 0 ? 'an output of label, value or probabilities' : `one of ${fitting.join(', ')}` }];
}
