import { MOST_FORMER_TARGETS, modelKey, nameRecord } from '../domain/model.ts';
import type { DesiredState, ModelKey } from '../domain/model.ts';

type Former = NonNullable<DesiredState['former']>;

/**
 * `after` with what its labels pointed at `before`: a label that moved keeps where it was, the latest first. Versions that
 * are gone are no targets any more, and the history of a label goes with it.
 */
export function withFormer(before: DesiredState, after: DesiredState): DesiredState {
  const former = Object.entries(after.labels).flatMap(([model, of]) => Object.entries(of).map(([label, version]) => {
    const name = `${model}@${label}`;
    const [was, known] = [before.labels[model]?.[label], after.former?.[name] ?? []];
    const targets = was === undefined || was === version ? known : [was, ...known];
    const held = [...new Set(targets)].filter((target) => target !== version && after.models[modelKey(model, target)] !== undefined);
    return [name, held.slice(0, MOST_FORMER_TARGETS)] as const;
  }));
  return keeping(after, former);
}

/**
 * The state in which the label points where it last pointed and can point now. Where it has been since is forgotten: going
 * back once more goes further back. Undefined where there is nothing to go back to.
 */
export function rolledBack(state: DesiredState, { model, label }: { model: string; label: string }, isReady: (key: ModelKey) => boolean): DesiredState | undefined {
  const name = `${model}@${label}`;
  const former = state.former?.[name] ?? [];
  const at = former.findIndex((version) => isReady(modelKey(model, version)));
  const version = former[at];
  if (version === undefined || state.labels[model]?.[label] === undefined) return undefined;
  const labels = nameRecord([...Object.entries(state.labels), [model, nameRecord([...Object.entries(state.labels[model]), [label, version]])]]);
  return keeping({ ...state, labels }, [...Object.entries(state.former ?? {}), [name, former.slice(at + 1)]]);
}

function keeping(state: DesiredState, entries: Iterable<readonly [string, Former[string]]>): DesiredState {
  const { former: _, ...rest } = state;
  const former = [...new Map(entries)].filter(([, versions]) => versions.length > 0);
  return former.length === 0 ? rest : { ...rest, former: nameRecord(former) };
}
