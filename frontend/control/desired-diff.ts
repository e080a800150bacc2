import { nameRecord, type DesiredState, type WantedState } from '../domain/model.ts';
import { flat } from './desired-merge.ts';

type Steered = WantedState & Pick<DesiredState, 'steering'>;

/** Names that came, that changed and that went, each list sorted. */
export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Models are named `model@version`, labels `model@label`. */
export interface DesiredDiff {
  readonly models: Changes;
  readonly labels: Changes;
  readonly apps: Changes;
  /** Rules by their model, sources by their folder; absent where nothing about them changes. */
  readonly rules?: Changes;
  readonly sources?: Changes;
}

export function diffDesired(before: Steered, after: Steered): DesiredDiff {
  return {
    models: changes(before.models, after.models),
    labels: changes(flat(before.labels), flat(after.labels)),
    apps: changes(appsWithHands(before), appsWithHands(after)),
    ...someChanges('rules', before.rules ?? {}, after.rules ?? {}),
    ...someChanges('sources', byFolder(before), byFolder(after)),
  };
}

function byFolder({ sources = [] }: Steered): Readonly<Record<string, unknown>> {
  return nameRecord(sources.map((source) => [source.folder, source] as const));
}

function someChanges<K extends string>(key: K, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Partial<Record<K, Changes>> {
  const found = changes(before, after);
  return isNone(found) ? {} : ({ [key]: found } as Record<K, Changes>);
}

/** Whose hand is on an app is part of what is wanted of it. */
function appsWithHands({ apps, steering }: Steered): Readonly<Record<string, unknown>> {
  return steering === undefined ? apps : nameRecord(Object.entries(apps).map(([name, app]) => [name, steering[name] === undefined ? app : { app, steering: steering[name] }] as const));
}

export function isUnchanged(diff: DesiredDiff): boolean {
  return diff.rules === undefined && diff.sources === undefined && [diff.models, diff.labels, diff.apps].every(isNone);
}

function isNone({ added, changed, removed }: Changes): boolean {
  return added.length + changed.length + removed.length === 0;
}

function changes(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): Changes {
  const added = Object.keys(after).filter((name) => before[name] === undefined).sort();
  const removed = Object.keys(before).filter((name) => after[name] === undefined).sort();
  const changed = Object.keys(after).filter((name) => before[name] !== undefined && !isSame(before[name], after[name])).sort();
  return { added, changed, removed };
}

/** Equality of plain data, the order of keys aside. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length
    && keys.every((key) => Object.hasOwn(b, key) && isSame((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]));
}
