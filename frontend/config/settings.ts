import { readFileSync } from 'node:fs';
import type { Fault } from '../domain/fault.ts';
import { readKeyFile } from './key-file.ts';
import { readListening, type ListenSettings } from './listen-words.ts';
import type { RawSettings } from './options.ts';

type Camel<K> = K extends `${infer A}_${infer B}` ? `${A}${Capitalize<Camel<B>>}` : K;
type CamelKeys<T> = T extends readonly unknown[] ? Readonly<T> : T extends object ? { readonly [K in keyof T as Camel<K>]: CamelKeys<T[K]> } : T;

/** What the process was told at start: the options of `SETTINGS` in camel case, paths absolute, complete and frozen. */
export type Settings = CamelKeys<Omit<RawSettings, 'listen'>> & {
  readonly listen: ListenSettings;
};

/** Options that are paths; relative ones begin at the folder of the file, or at the working folder in the environment. */
export const PATH_OPTIONS: readonly string[] = ['state_dir', 'listen.tls.cert', 'listen.tls.key', 'listen.tls.ca', 'admin.token_file', 'admin.deploy_root', 'storage.receipt_key_file'];

/** Addresses that may be paths. */
export const LISTEN_OPTIONS: readonly string[] = ['listen.http', 'listen.grpc'];

/** `raw` has been checked; its paths are absolute. What the schema cannot say is checked here. */
export function readSettings(raw: RawSettings, faults: Fault[]): Settings {
  const listen = readListening(raw.listen, faults);
  if (raw.admin.allow_code && raw.admin.deploy_root === undefined) {
    faults.push({ path: ['admin', 'allow_code'], message: 'is true without a deploy_root', expected: 'admin.deploy_root to say which folder' });
  }
  if (raw.admin.token_file !== undefined) readToken(raw.admin.token_file, faults);
  if (raw.storage.receipt_key_file !== undefined) readKeyFile(raw.storage.receipt_key_file, faults);
  return { ...(camelKeys(raw) as Settings), listen };
}

const TOKEN = /^[\x21-\x7e]{16,512}$/u;

/** The bearer token in a file, white space around it left out. Never in a fault. */
export function readToken(file: string, faults: Fault[]): string | undefined {
  const path = ['admin', 'token_file'];
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (thrown) {
    faults.push({ path, message: `cannot be read: ${(thrown as Error).message}` });
    return undefined;
  }
  if (TOKEN.test(token)) return token;
  faults.push({ path, message: `${file} holds no token`, expected: '16 to 512 visible ASCII characters' });
  return undefined;
}

function camelKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.replace(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase()), camelKeys(inner)]));
}
