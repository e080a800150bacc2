/** A number that a policy can be told, with the bounds that configuration holds it to. Out of range is refused, never clamped. */
export interface NumberOption {
  readonly type: 'number' | 'integer';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly help: string;
}

/** Names to positive numbers, or a list of names. */
export interface NamesOption<Type extends 'weights' | 'names' = 'weights' | 'names'> {
  readonly type: Type;
  /** How many names at most. */
  readonly max: number;
  readonly help: string;
}

export type Option = NumberOption | NamesOption<'weights'> | NamesOption<'names'>;
export type OptionTable = Readonly<Record<string, Option>>;

/** The values of a table's options, complete. */
export type Values<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends NumberOption ? number
    : Table[Name] extends { readonly type: 'weights' } ? ReadonlyMap<string, number> : readonly string[];
};

export interface OptionFault {
  readonly option: string;
  readonly message: string;
  readonly expected: string;
}

/** Holds `raw` against the table: every fault at once, or values in which nothing is missing. */
export function readOptions<Table extends OptionTable>(table: Table, raw: Readonly<Record<string, unknown>>): { values: Values<Table> } | { faults: readonly OptionFault[] } {
  const known = new Map<string, Option>(Object.entries(table));
  const faults: OptionFault[] = Object.keys(raw)
    .filter((name) => !known.has(name))
    .map((option) => ({ option, message: 'is no option of this policy', expected: known.size === 0 ? 'none' : `one of ${[...known.keys()].join(', ')}` }));
  const values: Record<string, unknown> = {};
  for (const [name, option] of known) {
    const given = Object.hasOwn(raw, name) ? raw[name] : undefined;
    const value = given === undefined ? unsaid(option) : read(option, given);
    if (value === undefined) faults.push({ option: name, message: `is ${JSON.stringify(given)?.slice(0, 64)}`, expected: expected(option) });
    values[name] = value;
  }
  return faults.length > 0 ? { faults } : { values: values as Values<Table> };
}

function unsaid(option: Option): unknown {
  if (option.type === 'weights') return new Map<string, number>();
  if (option.type === 'names') return [];
  return option.default;
}

function read(option: Option, given: unknown): unknown {
  switch (option.type) {
    case 'weights': return readWeights(option, given);
    case 'names': return Array.isArray(given) && given.length <= option.max && given.every(isName) && new Set(given).size === given.length ? (given as unknown[]) : undefined;
    case 'number':
    case 'integer': {
      const fits = typeof given === 'number' && given >= option.min && given <= option.max && (option.type === 'number' || Number.isSafeInteger(given));
      return fits ? given : undefined;
    }
  }
}

function readWeights(option: NamesOption, given: unknown): ReadonlyMap<string, number> | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const entries = Object.entries(given);
  const isFine = entries.length <= option.max && entries.every(([name, weight]) => isName(name) && typeof weight === 'number' && weight >= 0 && weight <= 1e9);
  return isFine ? new Map(entries as [string, number][]) : undefined;
}

function isName(given: unknown): boolean {
  return typeof given === 'string' && given.length > 0 && given.length <= 128;
}

function expected(option: Option): string {
  switch (option.type) {
    case 'weights': return `up to ${option.max} names with weights from 0 to 1e9`;
    case 'names': return `up to ${option.max} names, each once`;
    case 'number': return `${option.min} to ${option.max}`;
    case 'integer': return `an integer, ${option.min} to ${option.max}`;
  }
}
