import { CommandFailure } from '../terminal/failure.ts';
import { modelGiven } from '../terminal/given.ts';
import type { BrokerCalls } from './call.ts';
import type { ModelView, VersionView } from './views.ts';

/** The version that `digits@3` or `digits` means: of a bare name its only one, else the one that is `stable`. */
export async function findVersion(calls: BrokerCalls, given: string): Promise<VersionView> {
  const { model, version } = modelGiven(given);
  const { versions, labels } = await calls.ask<ModelView>('GET', `/admin/models/${encodeURIComponent(model)}`);
  const wanted = version ?? (versions.length === 1 ? versions[0]?.spec.version : labels['stable']);
  const found = versions.find(({ spec }) => spec.version === wanted);
  if (found !== undefined) return found;
  const there = versions.map(({ spec }) => `${model}@${spec.version}`).join(', ');
  throw new CommandFailure(wanted === undefined ? `${model} has several versions, and none is stable: say one of ${there}` : `there is no ${model}@${wanted}; there are ${there}`);
}

/** The path of a version among the routes of admin. */
export function versionPath({ spec }: VersionView): string {
  return `/admin/models/${encodeURIComponent(spec.name)}/versions/${spec.version}`;
}
