import { closeSync, readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseTensorSpec } from '../../protos/parse-headers.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import type { Address } from './address.ts';
import { parseAddress } from './address.ts';

/** How this container was told to start: environment variables, and flags of the same names, which win. */
export interface Environment {
  readonly connect: readonly Address[];
  readonly listen: Address | undefined;
  readonly model: string;
  readonly version: number;
  /** Absolute; undefined where the configuration gives none. */
  readonly path: string | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  /** What the broker's configuration declares. */
  readonly inputs: readonly TensorSpec[] | undefined;
  /** A local runtime started this process: it ends when its broker does. */
  readonly owned: boolean;
  /** Never printed, never in the environment. */
  readonly token: string | undefined;
}

const MAX_TOKEN_CHARS = 4096;

/** The start cannot be carried out as asked; every fault, one a line. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Throws `StartError` with every fault found. Reads the token's pipe to its end and closes it. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, args: readonly string[]): Environment {
  const faults: string[] = [];
  const flags = readFlags(args, faults);
  const given = (flag: string, name: string): string | undefined => {
    const value = flags[flag] ?? env[name];
    return value === '' ? undefined : value;
  };
  const connect = (given('connect', 'TRADEWIND_CONNECT') ?? '').split(',').filter((text) => text !== '').map((text) => address(text.trim(), faults));
  const listenText = given('listen', 'TRADEWIND_LISTEN');
  const listen = listenText === undefined ? undefined : address(listenText, faults);
  if (connect.length === 0 && listen === undefined) faults.push('give TRADEWIND_CONNECT (--connect) or TRADEWIND_LISTEN (--listen): unix:/path or tcp://host:port');
  const model = given('model', 'TRADEWIND_MODEL');
  if (model === undefined) faults.push('TRADEWIND_MODEL (--model) is missing');
  const version = Number(given('version', 'TRADEWIND_VERSION') ?? '1');
  if (!Number.isSafeInteger(version) || version < 1) faults.push('TRADEWIND_VERSION (--version) is not a positive integer');
  const path = given('path', 'TRADEWIND_PATH');
  const environment: Environment = {
    connect: connect.filter((one) => one !== undefined),
    listen,
    model: model ?? '',
    version,
    path: path === undefined || isAbsolute(path) ? path : resolve(path),
    options: readOptions(given('options', 'TRADEWIND_OPTIONS'), faults),
    inputs: readInputSpecs(env['TRADEWIND_INPUT'], faults),
    owned: env['TRADEWIND_OWNED'] === '1',
    token: readToken(env['TRADEWIND_TOKEN_FD'], faults),
  };
  if (faults.length > 0) throw new StartError(faults.join('\n'));
  return Object.freeze(environment);
}

function readFlags(args: readonly string[], faults: string[]): Record<string, string | undefined> {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { connect: { ...text, multiple: true }, listen: text, model: text, version: text, path: text, options: text },
    });
    return { ...values, connect: values.connect?.join(',') };
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    return {};
  }
}

function address(text: string, faults: string[]): Address | undefined {
  const parsed = parseAddress(text);
  if (parsed === undefined) faults.push(`"${text}" is no address: unix:/path or tcp://host:port`);
  return parsed;
}

function readOptions(text: string | undefined, faults: string[]): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  const options = readJson(text);
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return options as Record<string, unknown>;
  faults.push('TRADEWIND_OPTIONS (--options) is not a JSON object');
  return {};
}

function readInputSpecs(text: string | undefined, faults: string[]): readonly TensorSpec[] | undefined {
  if (text === undefined || text === '') return undefined;
  const specs = readJson(text);
  try {
    if (Array.isArray(specs)) return specs.map((spec, i) => parseTensorSpec(spec, `TRADEWIND_INPUT[${i}]`));
    faults.push('TRADEWIND_INPUT is not a JSON list of tensors');
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
  }
  return undefined;
}

function readToken(descriptor: string | undefined, faults: string[]): string | undefined {
  if (descriptor === undefined || descriptor === '') return undefined;
  const fd = Number(descriptor);
  try {
    const token = readFileSync(fd, 'utf8').trim();
    closeSync(fd);
    if (token.length > 0 && token.length <= MAX_TOKEN_CHARS) return token;
    faults.push(`the token on TRADEWIND_TOKEN_FD has ${token.length} characters; 1 to ${MAX_TOKEN_CHARS} are expected`);
  } catch (error) {
    faults.push(`TRADEWIND_TOKEN_FD: ${error instanceof Error ? error.message : String(error)}`);
  }
  return undefined;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
