import type { Fault } from '../domain/fault.ts';
import { didYouMean } from './near-miss.ts';
import { describe, isGroup } from './schema.ts';
import type { Schema } from './schema.ts';

type Path = readonly (string | number)[];

/**
 * Holds `value` against `schema` and returns it completed with the schema's defaults. Every fault goes to `faults`; where
 * there was one, what is returned is of no use. Nothing is converted or clamped.
 */
export function check(schema: Schema, value: unknown, path: Path, faults: Fault[]): unknown {
  if (schema.const !== undefined) return value === schema.const ? value : refuse(schema, value, path, faults);
  if (schema.anyOf !== undefined) return checkAlternatives(schema, schema.anyOf, value, path, faults);
  switch (schema.type) {
    case 'object': return isMap(value) ? checkMap(schema, value, path, faults) : refuse(schema, value, path, faults);
    case 'array': return Array.isArray(value) ? checkList(schema, value, path, faults) : refuse(schema, value, path, faults);
    case 'string': return typeof value === 'string' && fitsText(schema, value) ? value : refuse(schema, value, path, faults);
    case 'integer': return Number.isSafeInteger(value) && fitsBounds(schema, value as number) ? value : refuse(schema, value, path, faults);
    case 'number': return Number.isFinite(value) && fitsBounds(schema, value as number) ? value : refuse(schema, value, path, faults);
    case 'boolean': return typeof value === 'boolean' ? value : refuse(schema, value, path, faults);
    default: return value;
  }
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fitsText(schema: Schema, value: string): boolean {
  if (schema.minLength !== undefined && value.length < schema.minLength) return false;
  if (schema.maxLength !== undefined && value.length > schema.maxLength) return false;
  return schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value);
}

function fitsBounds(schema: Schema, value: number): boolean {
  if (schema.minimum !== undefined && value < schema.minimum) return false;
  if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) return false;
  return schema.maximum === undefined || value <= schema.maximum;
}

function checkMap(schema: Schema, value: Readonly<Record<string, unknown>>, path: Path, faults: Fault[]): unknown {
  const properties = schema.properties ?? {};
  const completed: [string, unknown][] = [];
  for (const [key, property] of Object.entries(properties)) {
    const at = [...path, key];
    if (Object.hasOwn(value, key)) completed.push([key, check(property, value[key], at, faults)]);
    else if (property.default !== undefined) completed.push([key, property.default]);
    else if (isGroup(property)) completed.push([key, check(property, {}, at, faults)]);
    else if (schema.required?.includes(key) === true) faults.push({ path, message: `"${key}" is missing`, expected: describe(property) });
  }
  checkFurther(schema, value, { path, faults, completed });
  return Object.fromEntries(completed);
}

function checkFurther(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  { path, faults, completed }: { path: Path; faults: Fault[]; completed: [string, unknown][] },
): void {
  const properties = schema.properties ?? {};
  const { additionalProperties } = schema;
  if (schema.maxProperties !== undefined && Object.keys(value).length > schema.maxProperties) {
    faults.push({ path, message: 'has too many keys', expected: `at most ${schema.maxProperties} keys` });
    return;
  }
  for (const [key, further] of Object.entries(value)) {
    if (Object.hasOwn(properties, key)) continue;
    const at = [...path, key];
    if (typeof additionalProperties === 'object') completed.push([key, check(additionalProperties, further, at, faults)]);
    else if (additionalProperties === false) faults.push({ path: at, message: `unknown key${didYouMean(key, Object.keys(properties))}`, expected: `one of ${Object.keys(properties).join(', ')}` });
    else completed.push([key, further]);
  }
}

function checkList(schema: Schema, value: readonly unknown[], path: Path, faults: Fault[]): unknown {
  if ((schema.minItems !== undefined && value.length < schema.minItems) || (schema.maxItems !== undefined && value.length > schema.maxItems)) {
    faults.push({ path, message: `has ${value.length} ${value.length === 1 ? 'entry' : 'entries'}`, expected: describe(schema) });
    return value;
  }
  if (schema.uniqueItems === true) {
    value.forEach((item, i) => {
      if (value.indexOf(item) < i) faults.push({ path: [...path, i], message: `${shown(item)} stands twice` });
    });
  }
  const { items } = schema;
  return items === undefined ? value : value.map((item, i) => check(items, item, [...path, i], faults));
}

/**
 * The alternative that takes the value. Where none does, the faults are those of the one that was meant: the only one of
 * the value's type; else the value as a whole is refused.
 */
function checkAlternatives(schema: Schema, alternatives: readonly Schema[], value: unknown, path: Path, faults: Fault[]): unknown {
  for (const alternative of alternatives) {
    const tried: Fault[] = [];
    const completed = check(alternative, value, path, tried);
    if (tried.length === 0) return completed;
  }
  const meant = alternatives.filter((alternative) => isMeant(alternative, value));
  const [only] = meant;
  return only !== undefined && meant.length === 1 ? check(only, value, path, faults) : refuse(schema, value, path, faults);
}

/** Lists and maps are told apart by type, maps among themselves by the key that only they have. */
function isMeant(schema: Schema, value: unknown): boolean {
  if (Array.isArray(value)) return schema.type === 'array';
  if (!isMap(value) || schema.type !== 'object') return false;
  return Object.keys(value).some((key) => Object.hasOwn(schema.properties ?? {}, key));
}

function refuse(schema: Schema, value: unknown, path: Path, faults: Fault[]): unknown {
  const words = schema.anyOf?.flatMap((alternative) => (typeof alternative.const === 'string' ? [alternative.const] : [])) ?? [];
  const near = typeof value === 'string' ? didYouMean(value, words) : '';
  faults.push({ path, message: `is ${shown(value)}${near}`, expected: describe(schema) });
  return value;
}

/** A value as a fault shows it: short, on one line. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}
