import type { Served } from '../../domain/served.ts';
import { refuse, type TfsRefusal } from './refusal.ts';

/** Why these outputs cannot be asked for; undefined where they can, as none (which is: all) can. */
export function outputRefusal({ outputs }: Served, wanted: readonly string[]): TfsRefusal | undefined {
  if (wanted.length === 0 || outputs === undefined) return undefined;
  const names = outputs.tensors.map(({ name }) => name);
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined) return refuse('invalid_field', `output tensor alias not found in signature: ${unknown} Outputs expected to be in the set {${names.toSorted().join(',')}}.`);
  const twice = wanted.find((name, i) => wanted.indexOf(name) !== i);
  return twice === undefined ? undefined : refuse('duplicate_field', `duplicate output tensor alias: ${twice}`);
}
