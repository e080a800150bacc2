import type { OptionTable, Values } from './options.ts';
import type { Policy } from './policy.ts';

/** A policy that an app can name: what it may be told, and how it is made of that. A policy of your own exports one as `policy`. */
export interface PolicyKind<Table extends OptionTable = OptionTable> {
  readonly name: string;
  /** One sentence for the documentation. */
  readonly summary: string;
  readonly options: Table;
  make(options: Values<Table>): Policy;
}

/** Keeps the types of the table while it is written down. */
export function policyKind<const Table extends OptionTable>(kind: PolicyKind<Table>): PolicyKind<Table> {
  return Object.freeze(kind);
}
