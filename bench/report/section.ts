import type { Stamped } from './stamp.ts';
import { markdownTable, type Cells } from './table.ts';

/** A result as README tells it: where it comes from, then its tables; an invitation where there is none yet. */
export function section<Result>(command: string, stamped: Stamped<Result> | undefined, tell: (result: Result, stamped: Stamped<Result>) => { how?: string; tables: readonly Cells[] }): string {
  if (stamped === undefined) return `*Not measured yet: \`${command}\` does.*`;
  const { how, tables } = tell(stamped.result, stamped);
  return [provenance(command, stamped, how), ...tables.map(markdownTable)].join('\n\n');
}

function provenance(command: string, stamped: Stamped<unknown>, how: string | undefined): string {
  const machine = `Node ${stamped.node.slice(1)}, ${stamped.cores} cores of ${stamped.cpu}, ${stamped.date.slice(0, 10)}, commit ${shortCommit(stamped)}`;
  return `\`${command}\`${how === undefined ? '' : `: ${how}`}; ${machine}.`;
}

export function shortCommit({ commit, dirty }: Stamped<unknown>): string {
  return commit.slice(0, 12) + (dirty ? ' with changes' : '');
}

export function verdict(pass: boolean): string {
  return pass ? 'pass' : 'MISSED';
}
