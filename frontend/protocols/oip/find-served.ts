import type { Failure } from '../../domain/answer.ts';
import { isServedMiss, type Served, type ServedDirectory } from '../../domain/served.ts';

/** A version as protocols write it, as text: digits are a number, anything else a label, nothing is nothing. */
export function readVersion(text: string | undefined): number | string | undefined {
  if (text === undefined || text === '') return undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** What a name means, in the words that clients of Triton know for names that mean nothing. */
export function findServed(directory: ServedDirectory, name: string, version: string | undefined): Served | Failure {
  const found = directory.find(name, readVersion(version));
  if (!isServedMiss(found)) return found;
  if (found.missing === 'name') return { code: 'unknown_model', message: `Request for unknown model: '${name}' is not found` };
  return { code: 'unknown_version', message: `Request for unknown model: '${name}' version ${version ?? ''} is not found` };
}
