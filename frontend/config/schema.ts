/**
 * The part of JSON Schema (2020-12) that configuration is written in. Typebox builds the schemas and gives their types;
 * this says which keywords `check` understands, and a property test holds the two equal.
 */
export interface Schema {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  readonly const?: string | number | boolean;
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly maxProperties?: number;
  readonly default?: unknown;
  readonly description?: string;
  /** Ours: the words for what is expected, where the keywords would say it badly. */
  readonly expected?: string;
}

/** A typebox schema as the plain JSON Schema that it is. */
export function plain(schema: object): Schema {
  return schema;
}

/** An object that is complete when it is left out: options with defaults, and none that is required without one. */
export function isGroup(schema: Schema): boolean {
  const properties = Object.entries(schema.properties ?? {});
  const stands = (property: Schema): boolean => property.default !== undefined || isGroup(property);
  return properties.some(([, property]) => stands(property))
    && properties.every(([key, property]) => stands(property) || schema.required?.includes(key) !== true);
}

/**
 * The schema of what may be written: `required` names only what has no default. The schemas of `options.ts` themselves are
 * those of the completed result.
 */
export function inputSchema(schema: Schema): Schema {
  const { properties } = schema;
  const written: { -readonly [K in keyof Schema]: Schema[K] } = { ...schema };
  if (properties !== undefined) {
    written.properties = Object.fromEntries(Object.entries(properties).map(([key, property]) => [key, inputSchema(property)]));
    written.required = (schema.required ?? []).filter((key) => {
      const property = properties[key];
      return property === undefined || (property.default === undefined && !isGroup(property));
    });
  }
  if (schema.items !== undefined) written.items = inputSchema(schema.items);
  if (schema.anyOf !== undefined) written.anyOf = schema.anyOf.map(inputSchema);
  return written;
}

/** What fits a schema, in words: `an integer from 1 to 512`. */
export function describe(schema: Schema): string {
  if (schema.expected !== undefined) return schema.expected;
  if (schema.const !== undefined) return `${schema.const}`;
  if (schema.anyOf !== undefined) return alternatives(schema.anyOf.map(describe));
  switch (schema.type) {
    case 'integer': return `an integer${bounds(schema)}`;
    case 'number': return `a number${bounds(schema)}`;
    case 'boolean': return 'true or false';
    case 'string': return `text${lengths(schema.minLength, schema.maxLength, 'character')}`;
    case 'array': return `a list${lengths(schema.minItems, schema.maxItems, 'entry')}${schema.items === undefined ? '' : ` of: ${describe(schema.items)}`}`;
    case 'object': return keysOf(schema);
    default: return 'any value';
  }
}

function alternatives(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function bounds(schema: Schema): string {
  const { minimum, maximum, exclusiveMinimum } = schema;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}${maximum === undefined ? '' : `, at most ${maximum}`}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  return maximum === undefined ? '' : ` of at most ${maximum}`;
}

function lengths(least: number | undefined, most: number | undefined, unit: 'character' | 'entry'): string {
  const units = unit === 'entry' ? 'entries' : 'characters';
  if (least !== undefined && least > 0 && most !== undefined) return ` of ${least} to ${most} ${units}`;
  if (least !== undefined && least > 0) return ` of at least ${least} ${least === 1 ? unit : units}`;
  return most === undefined ? '' : ` of at most ${most} ${units}`;
}

function keysOf(schema: Schema): string {
  const keys = Object.keys(schema.properties ?? {});
  return keys.length === 0 ? 'a map' : `a map with ${keys.join(', ')}`;
}
