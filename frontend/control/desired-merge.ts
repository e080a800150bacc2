import { nameRecord } from '../domain/model.ts';
import type { DesiredState, HeldNames, ModelKey, ModelRules, ModelSpec, WantedState } from '../domain/model.ts';
import type { Aspired } from '../domain/source.ts';
import { withFormer } from './label-history.ts';
import { keptSteering } from './steering.ts';

type Labels = WantedState['labels'];

/**
 * Everybody who speaks of desired state does so by one rule. The file, the sources and admin each hold names; where several
 * name the same, the file goes before the sources, and both before admin, whenever they speak: the file at start and at
 * apply, a source at start, at apply and when what lies in its folder changes. What a speaker dropped since it last spoke
 * goes, unless another one took it over; what admin added under other names stays. A name is a model version (`digits@3`), a
 * label of a model (`digits@stable`), an app, or the rules of a model. The operator's hands on an app stay as long as the
 * app does. The revision stays as it is: who saves the result raises it.
 */
export function mergeFile(durable: DesiredState, file: WantedState): DesiredState {
  const apps = nameRecord(mergeNames(durable.apps, file.apps, durable.fromFile.apps));
  const labels = mergeNames(flat(durable.labels), flat(file.labels), durable.fromFile.labels);
  const { rules: _, sources: __, steering, ...rest } = durable;
  const merged: DesiredState = {
    ...rest,
    models: nameRecord(mergeNames(durable.models, file.models, durable.fromFile.models)),
    labels: nested(labels),
    apps,
    ...keptSteering(steering, apps),
    ...someRules(mergeNames(durable.rules ?? {}, file.rules ?? {}, durable.fromFile.rules ?? [])),
    ...(file.sources === undefined || file.sources.length === 0 ? {} : { sources: file.sources }),
    fromFile: {
      models: Object.keys(file.models).sort() as ModelKey[],
      labels: Object.keys(flat(file.labels)).sort(),
      apps: Object.keys(file.apps).sort(),
      ...(file.rules === undefined || Object.keys(file.rules).length === 0 ? {} : { rules: Object.keys(file.rules).sort() }),
    },
  };
  return withFormer(durable, withoutLostSources(disowned(merged)));
}

/**
 * The source in `folder` speaks: `wanted` is all that it holds. Of that, only `changed` is written over what is there, where
 * given: what admin changed under a name of which the source says the same as before stays.
 */
export function mergeSource(durable: DesiredState, folder: string, wanted: Aspired, changed?: ReadonlySet<string>): DesiredState {
  const held = durable.fromSources?.[folder];
  const others = namesOfOthers(durable, folder);
  const models = ownNames(wanted.models, others.models);
  const rules = ownNames(wanted.rules ?? {}, others.rules);
  const spoken = <V>(before: Readonly<Record<string, V>>, now: Readonly<Record<string, V>>): Readonly<Record<string, V>> => (
    changed === undefined ? now : nameRecord(Object.entries(now).map(([name, value]) => [name, changed.has(name) ? value : before[name] ?? value] as const))
  );
  const { rules: _, fromSources, ...rest } = durable;
  const next: DesiredState = {
    ...rest,
    models: nameRecord(mergeNames(durable.models, spoken(durable.models, models), held?.models ?? [])),
    ...someRules(mergeNames(durable.rules ?? {}, spoken(durable.rules ?? {}, rules), held?.rules ?? [])),
    fromSources: nameRecord([
      ...Object.entries(fromSources ?? {}).filter(([other]) => other !== folder),
      [folder, { models: Object.keys(models).sort() as ModelKey[], rules: Object.keys(rules).sort() }],
    ]),
  };
  return withFormer(durable, { ...next, labels: labelsOf(next) });
}

/** Sources that the file no longer names: what they held goes. */
function withoutLostSources(state: DesiredState): DesiredState {
  const folders = new Set((state.sources ?? []).map(({ folder }) => folder));
  const lost = Object.keys(state.fromSources ?? {}).filter((folder) => !folders.has(folder));
  let next = state;
  for (const folder of lost) {
    const { fromSources, ...without } = mergeSource(next, folder, { models: nameRecord<ModelKey, ModelSpec>([]) });
    const left = Object.entries(fromSources ?? {}).filter(([other]) => other !== folder);
    next = left.length === 0 ? without : { ...without, fromSources: nameRecord(left) };
  }
  return next;
}

/** What the file holds now is no source's any more: it does not go when the source drops it. */
function disowned(state: DesiredState): DesiredState {
  if (state.fromSources === undefined) return state;
  const [models, rules] = [new Set<string>(state.fromFile.models), new Set<string>(state.fromFile.rules)];
  const fromSources = Object.entries(state.fromSources).map(([folder, held]) => [folder, {
    models: held.models.filter((name) => !models.has(name)), rules: (held.rules ?? []).filter((name) => !rules.has(name)),
  }] as const);
  return { ...state, fromSources: nameRecord(fromSources) };
}

/** Names that the file or another source holds. */
function namesOfOthers({ fromFile, fromSources = {} }: DesiredState, folder: string): { models: ReadonlySet<string>; rules: ReadonlySet<string> } {
  const held: Pick<HeldNames, 'models' | 'rules'>[] = [fromFile, ...Object.entries(fromSources).filter(([other]) => other !== folder).map(([, of]) => of)];
  return { models: new Set(held.flatMap(({ models }) => models)), rules: new Set(held.flatMap(({ rules = [] }) => rules)) };
}

function ownNames<V>(wanted: Readonly<Record<string, V>>, others: ReadonlySet<string>): Readonly<Record<string, V>> {
  return nameRecord(Object.entries(wanted).filter(([name]) => !others.has(name)));
}

/** A label goes with the version that it points at. */
function labelsOf({ labels, models }: DesiredState): Labels {
  return nested(Object.entries(flat(labels)).filter(([name, version]) => models[`${name.slice(0, name.indexOf('@'))}@${version}`] !== undefined));
}

function someRules(rules: readonly (readonly [string, ModelRules])[]): Pick<DesiredState, 'rules'> {
  return rules.length === 0 ? {} : { rules: nameRecord(rules) };
}

function mergeNames<V>(durable: Readonly<Record<string, V>>, spoken: Readonly<Record<string, V>>, held: readonly string[]): [string, V][] {
  const merged = new Map(Object.entries(durable));
  for (const name of held) merged.delete(name);
  for (const [name, value] of Object.entries(spoken)) merged.set(name, value);
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
