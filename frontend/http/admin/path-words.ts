import { BrokerError } from '../../domain/errors.ts';
import { NAME_REGEXP } from '../../domain/model.ts';

/** A name out of a path; anything else is refused. */
export function name(text: string): string {
  if (NAME_REGEXP.test(text)) return text;
  throw new BrokerError('invalid_field', 'Expected a name: lower-case letters, digits, ".", "_" and "-", at most 64, beginning with a letter or digit.', { path: text });
}

/** A version out of a path; anything else is refused. */
export function versionNumber(text: string): number {
  const version = /^[1-9][0-9]{0,9}$/u.test(text) ? Number(text) : 0;
  if (version >= 1 && version < 2 ** 31) return version;
  throw new BrokerError('invalid_field', 'Expected a version: a positive integer.', { path: 'version' });
}
