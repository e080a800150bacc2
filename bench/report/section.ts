import type { Stamped, TreeState } from './stamp.ts';
import { markdownTable, type Cells } from './table.ts';

/** More of a machine's time than this in other hands is said beside what was measured on it. */
const NOTEWORTHY_STOLEN = 0.01;

/** A result as README tells it: where it comes from, then its tables; an invitation where there is none yet. */
export function section<Result>(command: string, stamped: Stamped<Result> | undefined, tell: (result: Result, stamped: Stamped<Result>) => { how?: string; tables: readonly Cells[] }): string {
  if (stamped === undefined) return `*Not measured yet: \`${command}\` does.*`;
  const { how, tables } = tell(stamped.result, stamped);
  return [provenance(command, stamped, how), ...tables.map(markdownTable)].join('\n\n');
}

function provenance(command: string, stamped: Stamped<unknown>, how: string | undefined): string {
  const machine = `Node ${stamped.node.slice(1)}, ${stamped.cores} cores of ${stamped.cpu}, ${stamped.date.slice(0, 10)}, commit ${shortCommit(stamped)}${stolenWords(stamped)}`;
  return `\`${command}\`${how === undefined ? '' : `: ${how}`}; ${machine}.`;
}

export function shortCommit({ commit, dirty }: TreeState): string {
  return commit.slice(0, 12) + (dirty ? ' with changes' : '');
}

/** Nothing where next to nothing was stolen, or nobody knows. */
export function stolenWords({ stolen = 0 }: Stamped<unknown>): string {
  return stolen > NOTEWORTHY_STOLEN ? `, ${(stolen * 100).toFixed(0)} % of the processors' time stolen by other machines` : '';
}

export function verdict(pass: boolean): string {
  return pass ? 'pass' : 'MISSED';
}
