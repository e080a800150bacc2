import type { Fault } from '../domain/fault.ts';
import { check } from './check.ts';
import { didYouMean, nearMiss } from './near-miss.ts';
import type { Schema } from './schema.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Option {
  readonly path: readonly string[];
  readonly schema: Schema;
}

/** The options of a schema of groups, outermost first, in the order of the table. */
export function optionsOf(schema: Schema, path: readonly string[] = []): Option[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const at = [...path, key];
    return property.properties === undefined ? [{ path: at, schema: property }] : optionsOf(property, at);
  });
}

/** `limits.body_bytes` → `TRADEWIND_LIMITS_BODY_BYTES`. */
export function environmentName(path: readonly string[]): string {
  return `TRADEWIND_${path.join('_').toUpperCase()}`;
}

/**
 * What the environment says of the options, by path. A name that is nearly one of ours is a fault; others that begin
 * with `TRADEWIND_` are not ours (Kubernetes sets some for a service of this name).
 */
export function readEnvironment(options: readonly Option[], environment: Environment, faults: Fault[]): ReadonlyMap<string, unknown> {
  const said = new Map<string, unknown>();
  const names = new Map(options.map((option) => [environmentName(option.path), option]));
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !name.startsWith('TRADEWIND_')) continue;
    const option = names.get(name);
    if (option !== undefined) said.set(option.path.join('.'), check(option.schema, fromText(option.schema, text), [name], faults));
    else if (nearMiss(name, names.keys()) !== undefined) faults.push({ path: [name], message: `unknown name${didYouMean(name, names.keys())}` });
  }
  return said;
}

/** Text that is no such value is left as it is, for the check to refuse. */
function fromText(schema: Schema, text: string): unknown {
  switch (schema.type) {
    case 'integer': case 'number': return /^-?\d+(\.\d+)?$/u.test(text) ? Number(text) : text;
    case 'boolean': return text === 'true' ? true : text === 'false' ? false : text;
    case 'array': return text === '' ? [] : text.split(',').map((part) => part.trim());
    default: return text;
  }
}
