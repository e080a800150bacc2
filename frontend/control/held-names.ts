import type { DesiredState } from '../domain/model.ts';
import type { DesiredDiff } from './desired-diff.ts';

/** A name that somebody else speaks for, as `label digits@stable`; `by` is `file`, or the folder of a source. */
export interface HeldName {
  readonly name: string;
  readonly by: string;
}

const KINDS = Object.freeze({ models: 'model', labels: 'label', apps: 'app', rules: 'rule' });
type Kind = keyof typeof KINDS;

/**
 * What of a change by admin will not last: names that the configuration file or a source holds, and says anew when it speaks
 * (`mergeFile`). The operator's hands on an app are nobody else's.
 */
export function heldNames(before: DesiredState, after: DesiredState, diff: DesiredDiff): readonly HeldName[] {
  const holders: (readonly [by: string, held: { readonly [K in Kind]?: readonly string[] }])[] = [['file', before.fromFile], ...Object.entries(before.fromSources ?? {})];
  return (Object.keys(KINDS) as Kind[]).flatMap((kind) => {
    const { added = [], changed = [], removed = [] } = diff[kind] ?? {};
    const names = [...added, ...changed, ...removed].filter((name) => kind !== 'apps' || before.apps[name] !== after.apps[name]);
    return names.flatMap((name) => holders.filter(([, held]) => held[kind]?.includes(name) === true).map(([by]) => ({ name: `${KINDS[kind]} ${name}`, by })));
  });
}
