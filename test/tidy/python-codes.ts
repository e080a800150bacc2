import { join } from 'node:path';
import { ERRORS } from '../../frontend/domain/errors.ts';
import { ROOT } from './tree.ts';

/** Where the Python client has the codes that a retry can help with. */
export const PYTHON_CODES = join(ROOT, 'model-containers/python/tradewind/client/retryable.py');

/** The file's text, from the table of errors. */
export function pythonCodes(): string {
  const codes = Object.entries(ERRORS).filter(([, { retryable }]) => retryable).map(([code]) => code).sort();
  return `"""Written from the broker's table of errors by test/tidy/write-docs.ts; do not edit."""

from __future__ import annotations

#: Codes of errors that a retry can help with.
RETRYABLE = frozenset((
${codes.map((code) => `    "${code}",\n`).join('')}))
`;
}
