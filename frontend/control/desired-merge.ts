import { nameRecord } from '../domain/model.ts';
import type { DesiredState, ModelKey, WantedState } from '../domain/model.ts';
import { keptSteering } from './steering.ts';

type Labels = WantedState['labels'];

/**
 * The rule for file and durable state, at start and at apply: the file wins for every name that it holds; what admin added
 * under other names stays; what the file dropped since its last load goes. A name is a model version (`digits@3`), a label
 * of a model (`digits@stable`) or an app. The operator's hands on an app stay as long as the app does. The revision stays as it is: who saves the result raises it.
 */
export function mergeFile(durable: DesiredState, file: WantedState): DesiredState {
  const apps = nameRecord(mergeNames(durable.apps, file.apps, durable.fromFile.apps));
  const labels = mergeNames(flat(durable.labels), flat(file.labels), durable.fromFile.labels);
  return {
    revision: durable.revision,
    models: nameRecord(mergeNames(durable.models, file.models, durable.fromFile.models)),
    labels: nested(labels),
    apps,
    ...keptSteering(durable.steering, apps),
    fromFile: {
      models: Object.keys(file.models).sort() as ModelKey[],
      labels: Object.keys(flat(file.labels)).sort(),
      apps: Object.keys(file.apps).sort(),
    },
  };
}

function mergeNames<V>(durable: Readonly<Record<string, V>>, file: Readonly<Record<string, V>>, fromFile: readonly string[]): [string, V][] {
  const merged = new Map(Object.entries(durable));
  for (const name of fromFile) merged.delete(name);
  for (const [name, value] of Object.entries(file)) merged.set(name, value);
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** model → label → version, as `model@label` → version. */
export function flat(labels: Labels): Readonly<Record<string, number>> {
  return nameRecord(Object.entries(labels).flatMap(([model, of]) => Object.entries(of).map(([label, version]) => [`${model}@${label}`, version] as const)));
}

/** The reverse of `flat`; models without a label are left out. */
export function nested(flatLabels: Iterable<readonly [string, number]>): Labels {
  const models = new Map<string, [string, number][]>();
  for (const [name, version] of flatLabels) {
    const at = name.indexOf('@');
    const model = name.slice(0, at);
    const of = models.get(model) ?? [];
    of.push([name.slice(at + 1), version]);
    models.set(model, of);
  }
  return nameRecord([...models].map(([model, of]) => [model, nameRecord(of)] as const));
}
