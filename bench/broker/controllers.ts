import { optionsOf } from '../../frontend/config/environment.ts';
import { MODEL } from '../../frontend/config/options.ts';
import { plain } from '../../frontend/config/schema.ts';

/** The controllers that a configuration may name, and the one that it gets unless it names one. */
export function configuredControllers(): { readonly names: readonly string[]; readonly byDefault: string } {
  const option = optionsOf(plain(MODEL)).find(({ path }) => path.join('.') === 'batching.controller');
  const names = option?.schema.anyOf?.flatMap((one) => (typeof one.const === 'string' ? [one.const] : [])) ?? [];
  const byDefault = option?.schema.default;
  if (names.length === 0 || typeof byDefault !== 'string') throw new Error('the option table says nothing of controllers');
  return { names, byDefault };
}
