import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PYTHON_CODES, pythonCodes } from './python-codes.ts';

test('the Python client retries what the table of errors says (else run: node test/tidy/write-docs.ts)', () => {
  assert.match(pythonCodes(), /"queue_full",\n/);
  assert.equal(readFileSync(PYTHON_CODES, 'utf8'), pythonCodes());
});
