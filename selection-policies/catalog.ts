import { adaptiveKind } from './adaptive.ts';
import { discountedThompsonKind } from './discounted-thompson.ts';
import { epsilonGreedyKind } from './epsilon-greedy.ts';
import { exp3IxKind } from './exp3-ix.ts';
import { exp3Kind } from './exp3.ts';
import { gaussianThompsonKind } from './gaussian-thompson.ts';
import { atOnce } from './guard.ts';
import { hedgeKind } from './hedge.ts';
import { klUcbKind } from './kl-ucb.ts';
import type { PolicyKind } from './kind.ts';
import { linTsKind } from './lin-ts.ts';
import { readOptions, type OptionFault, type OptionTable, type Values } from './options.ts';
import type { Policy } from './policy.ts';
import { slidingWindowThompsonKind } from './sliding-window-thompson.ts';
import { staticKind } from './static.ts';
import { thompsonKind } from './thompson.ts';
import { weightedKind } from './weighted.ts';

/** Makes a policy of what configuration says, or says everything that is wrong with it. */
export type PolicyMaker = (raw: Readonly<Record<string, unknown>>) => { readonly policy: Policy } | { readonly faults: readonly OptionFault[] };

/** A policy as an app names it: for documentation, and to be made. */
export interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly options: OptionTable;
  readonly make: PolicyMaker;
  /** Of a policy of somebody's own: its file, and a digest of what stood there when it was read. */
  readonly source?: string;
}

/** A kind as an entry: the way in for a policy of your own, too. */
export function entry<Table extends OptionTable>(kind: PolicyKind<Table>): Entry {
  return {
    name: kind.name,
    summary: kind.summary,
    options: kind.options,
    make(raw) {
      const read = readOptions(kind.options, raw);
      return 'faults' in read ? read : made(kind, read.values);
    },
  };
}

/** A kind of somebody's own may throw, or make something else. */
function made<Table extends OptionTable>(kind: PolicyKind<Table>, values: Values<Table>): ReturnType<PolicyMaker> {
  const fault = (message: string): ReturnType<PolicyMaker> => ({ faults: [{ option: 'name', message, expected: 'a policy, as selection-policies/policy.ts has it' }] });
  try {
    const policy: Partial<Policy> | undefined = atOnce(kind.make(values));
    const missing = PARTS.filter((part) => typeof policy?.[part] !== 'function');
    return missing.length === 0 ? { policy: policy as Policy } : fault(`${kind.name} made no policy: ${missing.join(', ')} missing`);
  } catch (thrown) {
    return fault(`${kind.name} made no policy: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
}

const PARTS = ['contribution', 'view', 'plan', 'estimates'] as const;

const ENTRIES: readonly Entry[] = [
  entry(staticKind), entry(weightedKind), entry(adaptiveKind), entry(thompsonKind), entry(gaussianThompsonKind),
  entry(discountedThompsonKind), entry(slidingWindowThompsonKind), entry(epsilonGreedyKind), entry(klUcbKind),
  entry(exp3Kind), entry(exp3IxKind), entry(hedgeKind), entry(linTsKind),
];

/** The policies that an app can name. */
export const POLICIES: ReadonlyMap<string, Entry> = new Map(ENTRIES.map((entry) => [entry.name, entry]));

/** The policy of that name with these options. Throws RangeError where configuration should not have let it pass. */
export function makePolicy(name: string, options: Readonly<Record<string, unknown>> = {}): Policy {
  const made = POLICIES.get(name)?.make(options);
  if (made === undefined) throw new RangeError(`no policy "${name}"`);
  if ('faults' in made) throw new RangeError(`policy ${name}: ${made.faults.map(({ option, message, expected }) => `${option} ${message}; expected ${expected}`).join('; ')}`);
  return made.policy;
}
