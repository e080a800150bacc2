import { CommandFailure } from '../terminal/failure.ts';
import { modelGiven } from '../terminal/given.ts';
import type { BrokerCalls } from './call.ts';
import type { ModelView, VersionView } from './views.ts';

/** The version that `digits@3` or `digits` means: of a bare name its only one, else the one that is `stable`. */
export async function findVersion(calls: BrokerCalls, given: string): Promise<VersionView> {
  const { versions, labels } = await showVersions(calls, given);
  const [only, ...others] = versions;
  const found = others.length === 0 ? only : versions.find(({ spec }) => spec.version === labels['stable']);
  if (found === undefined) throw new CommandFailure(`${given} has several versions, and none is stable: say one of ${namesOf(versions)}`);
  return found;
}

/** The model as admin shows it; of `digits@3` with that version alone. */
export async function showVersions(calls: BrokerCalls, given: string): Promise<ModelView> {
  const { model, version } = modelGiven(given);
  const view = await calls.ask<ModelView>('GET', `/admin/models/${encodeURIComponent(model)}`);
  if (version === undefined) return view;
  const found = view.versions.filter(({ spec }) => spec.version === version);
  if (found.length === 0) throw new CommandFailure(`there is no ${given}; there are ${namesOf(view.versions)}`);
  return { ...view, versions: found };
}

function namesOf(versions: readonly VersionView[]): string {
  return versions.map(({ spec }) => `${spec.name}@${spec.version}`).join(', ');
}

/** The path of a version among the routes of admin. */
export function versionPath({ spec }: VersionView): string {
  return `/admin/models/${encodeURIComponent(spec.name)}/versions/${spec.version}`;
}
