import type { Fault } from '../domain/fault.ts';
import { modelKey } from '../domain/model.ts';
import type { ModelRules, WantedState } from '../domain/model.ts';

/** What is wrong with the rules of models, held against the versions and labels that there are. Paths begin with `rules` and the model. */
export function ruleFaults({ rules = {}, models, labels, sources = [] }: WantedState): Fault[] {
  // What a source holds is not known before it was read.
  const isOpen = sources.length > 0;
  const names = new Set(Object.values(models).map(({ name }) => name));
  return Object.entries(rules).flatMap(([model, { versions, split }]) => {
    const at = ['rules', model];
    if (!names.has(model)) return isOpen ? [] : [{ path: at, message: `there is no model "${model}"` }];
    return [...specificFaults(versions, (version) => models[modelKey(model, version)] !== undefined || isOpen, [...at, 'version_policy']), ...splitFaults(split, { labels: labels[model] ?? {}, isOpen, path: [...at, 'split'] })];
  });
}

function specificFaults(policy: ModelRules['versions'], exists: (version: number) => boolean, path: Fault['path']): Fault[] {
  if (policy === undefined || policy === 'all' || !('specific' in policy)) return [];
  return policy.specific.filter((version) => !exists(version)).map((version) => ({ path, message: `names version ${version}, which does not exist` }));
}

/** A label that is not set takes no traffic until it is; one at least must take some. */
function splitFaults(split: ModelRules['split'], { labels, isOpen, path }: { labels: Readonly<Record<string, number>>; isOpen: boolean; path: Fault['path'] }): Fault[] {
  if (split === undefined) return [];
  const faults: Fault[] = Object.keys(split).filter((label) => /^[0-9]+$/u.test(label)).map((label) => ({ path: [...path, label], message: 'is no label', expected: 'a name that is not all digits' }));
  const taken = Object.entries(split).filter(([label, weight]) => weight > 0 && labels[label] !== undefined);
  if (taken.length === 0 && !isOpen) faults.push({ path, message: 'gives no label that is set any traffic', expected: Object.keys(labels).length === 0 ? 'labels' : `weights for ${Object.keys(labels).join(', ')}` });
  return faults;
}
