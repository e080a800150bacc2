import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { Fault } from '../domain/fault.ts';
import { readKeyFile } from './key-file.ts';
import type { RawSettings } from './options.ts';

type Camel<K> = K extends `${infer A}_${infer B}` ? `${A}${Capitalize<Camel<B>>}` : K;
type CamelKeys<T> = T extends readonly unknown[] ? Readonly<T> : T extends object ? { readonly [K in keyof T as Camel<K>]: CamelKeys<T[K]> } : T;

/** What the process was told at start: the options of `SETTINGS` in camel case, paths absolute, complete and frozen. */
export type Settings = CamelKeys<Omit<RawSettings, 'listen'>> & {
  readonly listen: {
    /** `port` 0: any free one. `loopback`: nobody outside this machine reaches it. */
    readonly http: { readonly host: string; readonly port: number; readonly loopback: boolean };
    /** Undefined: no gRPC. */
    readonly grpc: { readonly host: string; readonly port: number; readonly loopback: boolean } | undefined;
    readonly allowedHosts: readonly string[];
  };
};

/** Options that are paths; relative ones begin at the folder of the file, or at the working folder in the environment. */
export const PATH_OPTIONS: readonly string[] = ['state_dir', 'admin.token_file', 'admin.deploy_root', 'storage.receipt_key_file'];

/** `raw` has been checked; its paths are absolute. What the schema cannot say is checked here. */
export function readSettings(raw: RawSettings, faults: Fault[]): Settings {
  const http = readListen(raw.listen.http, 'http', faults);
  const grpc = raw.listen.grpc ?? (http.port === 0 ? '127.0.0.1:0' : '127.0.0.1:8001');
  if (raw.admin.allow_code && raw.admin.deploy_root === undefined) {
    faults.push({ path: ['admin', 'allow_code'], message: 'is true without a deploy_root', expected: 'admin.deploy_root to say which folder' });
  }
  if (raw.admin.token_file !== undefined) readToken(raw.admin.token_file, faults);
  if (raw.storage.receipt_key_file !== undefined) readKeyFile(raw.storage.receipt_key_file, faults);
  const settings = camelKeys(raw) as Settings & { listen: { allowedHosts: readonly string[] } };
  return { ...settings, listen: { http, grpc: grpc === 'none' ? undefined : readListen(grpc, 'grpc', faults), allowedHosts: settings.listen.allowedHosts } };
}

function readListen(text: string, door: 'http' | 'grpc', faults: Fault[]): { host: string; port: number; loopback: boolean } {
  const { host, port } = readAddress(text);
  if (port > 65_535) faults.push({ path: ['listen', door], message: `has port ${port}`, expected: 'a port from 0 to 65535' });
  return { host, port, loopback: isLoopback(host) };
}

/** `127.0.0.1:80`, `[::1]:80`, `localhost:80`. */
export function readAddress(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/u, '$1'), port: Number(text.slice(colon + 1)) };
}

export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host.toLowerCase() === 'localhost';
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
