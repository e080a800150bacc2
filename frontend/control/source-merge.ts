import { nameRecord } from '../domain/model.ts';
import type { DesiredState, ModelKey, ModelSpec } from '../domain/model.ts';
import { faultText, type Fault } from '../domain/fault.ts';
import type { Aspired } from '../domain/source.ts';
import { mergeSource } from './desired-merge.ts';

/** A model of which what the source says cannot be, in whole lines. */
export interface SourceRefusal {
  readonly model: string;
  readonly faults: readonly string[];
}

interface Speech {
  readonly folder: string;
  readonly wanted: Aspired;
  /** What it said before, as far as it was taken. */
  readonly before: Aspired | undefined;
}

/**
 * The part of what a source says that can be, model by model: one that cannot stays as the source said it before, or is left
 * out. A fault that was there without the source is nobody's refusal.
 */
export function acceptable(state: DesiredState, { folder, wanted, before }: Speech, faultsOf: (state: DesiredState) => readonly Fault[]): { readonly wanted: Aspired; readonly refused: readonly SourceRefusal[] } {
  const known = faultsOf(state).length;
  const test = (tried: Aspired): readonly Fault[] => faultsOf(mergeSource(state, folder, tried));
  if (test(wanted).length <= known) return { wanted, refused: [] };
  const refused: SourceRefusal[] = [];
  let taken = before ?? { models: nameRecord<ModelKey, ModelSpec>([]) };
  for (const model of modelsOf(wanted, taken)) {
    const tried = withModel(taken, wanted, model);
    const faults = test(tried);
    if (faults.length <= known) taken = tried;
    else refused.push({ model, faults: faults.map(faultText) });
  }
  return { wanted: taken, refused };
}

/** Names of which `after` says other than `before`, of models (`digits@3`) and of rules (`digits`). */
export function changedNames(before: Aspired, after: Aspired): ReadonlySet<string> {
  const differing = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): string[] => Object.keys(b).filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
  return new Set([...differing(before.models, after.models), ...differing(before.rules ?? {}, after.rules ?? {})]);
}

function modelsOf(...said: readonly Aspired[]): ReadonlySet<string> {
  return new Set(said.flatMap(({ models, rules = {} }) => [...Object.values(models).map(({ name }) => name), ...Object.keys(rules)]));
}

/** `taken`, with all that `wanted` says of one model. */
function withModel(taken: Aspired, wanted: Aspired, model: string): Aspired {
  const entries = ({ models }: Aspired, own: boolean): [ModelKey, ModelSpec][] => (Object.entries(models) as [ModelKey, ModelSpec][]).filter(([, { name }]) => (name === model) === own);
  const rules = [...Object.entries(taken.rules ?? {}).filter(([name]) => name !== model), ...Object.entries(wanted.rules ?? {}).filter(([name]) => name === model)];
  return { models: nameRecord([...entries(taken, false), ...entries(wanted, true)]), rules: nameRecord(rules) };
}
