import { shortCommit } from '../report/section.ts';
import { treeNow, type TreeState } from '../report/stamp.ts';

/** What a result's part was measured at: the trees of all runs that added to it, in their order. Results of before do not say. */
export interface MeasuredAt {
  readonly measuredAt?: readonly TreeState[];
}

interface Part extends MeasuredAt {
  readonly name: string;
}

/** For a part that this tree begins, or goes on with where an earlier run has it `before`: nobody can say later what that one was. */
export function measuredAt(before: MeasuredAt | undefined, now: TreeState = treeNow()): MeasuredAt {
  const earlier = before === undefined ? [] : before.measuredAt;
  if (earlier === undefined) return {};
  return { measuredAt: earlier.some(({ commit, dirty }) => commit === now.commit && dirty === now.dirty) ? earlier : [...earlier, now] };
}

/** Which part was measured at which commit; undefined where all were at the one of the stamp, or none says. */
export function commitsText({ result: { workloads, replicas }, ...stamp }: TreeState & { readonly result: { readonly workloads: readonly Part[]; readonly replicas?: Part } }): string | undefined {
  const parts = replicas === undefined ? workloads : [...workloads, replicas];
  const names = new Map<string, string[]>();
  for (const part of parts) {
    const at = part.measuredAt?.map(shortCommit).join(' and ') ?? 'a commit that nobody noted';
    names.set(at, [...(names.get(at) ?? []), part.name]);
  }
  if (parts.every((part) => part.measuredAt === undefined) || (names.size === 1 && names.has(shortCommit(stamp)))) return undefined;
  return `measured at ${[...names].map(([at, of]) => `${at} (${of.join(', ')})`).join(', ')}`;
}
