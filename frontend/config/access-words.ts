import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Fault } from '../domain/fault.ts';
import type { AccessSpec } from '../domain/model.ts';
import type { Environment } from './environment.ts';
import type { NamedFiles } from './named-files.ts';
import type { RawApp } from './options.ts';

/** Where tokens may come from. */
export interface Secrets {
  readonly files: NamedFiles;
  readonly environment: Environment;
}

export interface AccessReading {
  readonly at: Fault['path'];
  readonly faults: Fault[];
  /** Absent: only digests are taken. */
  readonly secrets?: Secrets;
}

type RawAccess = NonNullable<RawApp['access']>;
type RawToken = RawAccess['tokens'][number];

const TOKEN = /^[\x21-\x7e]{16,512}$/u;

/** From the words of the file to who may ask an app: of every token only its digest is kept. No token is ever in a fault. */
export function readAccess(raw: RawAccess, reading: AccessReading): AccessSpec {
  const at = [...reading.at, 'access'];
  const names = new Set<string>();
  const tokens = raw.tokens.flatMap((token, i) => {
    const path = [...at, 'tokens', i];
    if (names.has(token.name)) reading.faults.push({ path: [...path, 'name'], message: `"${token.name}" stands twice`, expected: 'a name of its own' });
    names.add(token.name);
    const sha256 = digestOf(token, { ...reading, at: path });
    return sha256 === undefined ? [] : [{ name: token.name, sha256 }];
  });
  if (raw.burst !== undefined && raw.rate_per_s === undefined) reading.faults.push({ path: [...at, 'burst'], message: 'stands without a rate', expected: 'rate_per_s beside it' });
  return { tokens, ...(raw.rate_per_s === undefined ? {} : { rate: { perSecond: raw.rate_per_s, burst: raw.burst ?? Math.max(1, Math.ceil(raw.rate_per_s)) } }) };
}

/** In the words of the file again: tokens by their digests. */
export function writeAccess({ tokens, rate }: AccessSpec): RawAccess {
  return { tokens: tokens.map(({ name, sha256 }) => ({ name, sha256 })), ...(rate === undefined ? {} : { rate_per_s: rate.perSecond, burst: rate.burst }) };
}

function digestOf(token: RawToken, { at, faults, secrets }: AccessReading): string | undefined {
  const { file, env, sha256 } = token;
  if ([file, env, sha256].filter((source) => source !== undefined).length !== 1) {
    faults.push({ path: at, message: 'does not say one place where the token is', expected: 'one of file, env and sha256' });
    return undefined;
  }
  if (sha256 !== undefined) return sha256.toLowerCase();
  if (secrets === undefined) {
    faults.push({ path: at, message: 'names a file or the environment of the broker', expected: 'sha256: the digest of the token' });
    return undefined;
  }
  const text = file === undefined ? secrets.environment[env ?? ''] : contentOf(file, { at: [...at, 'file'], faults, secrets });
  if (text !== undefined && TOKEN.test(text.trim())) return createHash('sha256').update(text.trim()).digest('hex');
  if (text !== undefined || file === undefined) faults.push({ path: at, message: text === undefined ? `${env ?? ''} is not in the environment` : 'holds no token', expected: '16 to 512 visible ASCII characters' });
  return undefined;
}

/** Undefined where there is a fault. */
function contentOf(file: string, { at, faults, secrets }: Required<AccessReading>): string | undefined {
  const path = secrets.files.file(file, at, faults);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    faults.push({ path: at, message: `cannot be read: ${(thrown as NodeJS.ErrnoException).code ?? 'unknown'}` });
    return undefined;
  }
}
