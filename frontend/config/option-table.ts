import { environmentName, optionsOf } from './environment.ts';
import { APP, MODEL, MODEL_RULES, POLICY, SETTINGS, SOURCE } from './options.ts';
import { describe, plain } from './schema.ts';
import type { Schema } from './schema.ts';

interface Row {
  readonly name: string;
  readonly environment?: string;
  readonly expected: string;
  readonly fallback: string;
  readonly description: string;
}

/** The options that the environment can say, for `--help`: name, default, and what it is. */
export function environmentHelp(): string {
  const rows = settingRows();
  const width = Math.max(...rows.map(({ environment = '' }) => environment.length));
  const lines = rows.map(({ environment = '', fallback, description }) => `  ${environment.padEnd(width)}  ${description}${fallback === '' ? '' : ` [${fallback}]`}`);
  return ['Options in the environment (they win over the file; lists are separated by commas):', ...lines].join('\n');
}

/** All options as Markdown tables, for the README. */
export function optionDocs(): string {
  const policies = optionsOf(plain(POLICY)).map((option) => row(`policies[].${option.path.join('.')}`, option.schema, isRequired(plain(POLICY), option.path)));
  const models = optionsOf(plain(MODEL)).map((option) => row(`models[].${option.path.join('.')}`, option.schema, isRequired(plain(MODEL), option.path)));
  const apps = optionsOf(plain(APP)).map((option) => row(`apps[].${option.path.join('.')}`, option.schema, isRequired(plain(APP), option.path)));
  const rules = optionsOf(plain(MODEL_RULES)).map((option) => row(`rules[].${option.path.join('.')}`, option.schema, isRequired(plain(MODEL_RULES), option.path)));
  const sources = optionsOf(plain(SOURCE)).map((option) => row(`sources[].${option.path.join('.')}`, option.schema, isRequired(plain(SOURCE), option.path)));
  return [...table(settingRows(), true), '', ...table([...models, ...apps, ...rules, ...sources, ...policies], false)].join('\n');
}

function settingRows(): Row[] {
  return optionsOf(plain(SETTINGS)).map(({ path, schema }) => ({ ...row(path.join('.'), schema, false), environment: environmentName(path) }));
}

function row(name: string, schema: Schema, required: boolean): Row {
  return { name, expected: describe(schema), fallback: required ? 'required' : fallbackText(schema.default), description: schema.description ?? '' };
}

function fallbackText(fallback: unknown): string {
  if (fallback === undefined) return '';
  if (Array.isArray(fallback)) return fallback.join(',');
  return typeof fallback === 'object' ? '' : `${fallback as string | number | boolean}`;
}

function isRequired(schema: Schema, path: readonly string[]): boolean {
  const [key = '', ...rest] = path;
  const property = schema.properties?.[key];
  if (property === undefined || schema.required?.includes(key) !== true) return false;
  return rest.length === 0 ? property.default === undefined : isRequired(property, rest);
}

function table(rows: readonly Row[], environment: boolean): string[] {
  const cell = (text: string): string => text.replaceAll('|', String.raw`\|`);
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const head = ['option', 'takes', 'default', ...(environment ? ['in the environment'] : []), 'what it is'];
  const body = rows.map((one) => [
    `\`${one.name}\``, one.expected, one.fallback === '' || one.fallback === 'required' ? one.fallback : `\`${one.fallback}\``,
    ...(environment ? [`\`${one.environment ?? ''}\``] : []), one.description,
  ]);
  return [line(head), line(head.map(() => '---')), ...body.map(line)];
}
