/**
 * Writes the tables of README.md that the code is the source of (errors, metrics, options), and the Python client's codes.
 *
 *     node test/tidy/write-docs.ts            writes them
 *     node test/tidy/write-docs.ts --check    says which differ, and fails if one does
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optionDocs } from '../../frontend/config/option-table.ts';
import { withBlocks } from './doc-blocks.ts';
import { errorTable, metricTable } from './doc-tables.ts';
import { PYTHON_CODES, pythonCodes } from './python-codes.ts';
import { ROOT } from './tree.ts';

const file = join(ROOT, 'README.md');
const before = readFileSync(file, 'utf8');
const { text, changed } = withBlocks(before, { errors: errorTable(), metrics: metricTable(), options: optionDocs() });
if (process.argv.includes('--check')) {
  for (const block of changed) console.error(`README.md: the table "${block}" is not what the code says; run: npx node test/tidy/write-docs.ts`);
  process.exitCode = changed.length > 0 ? 1 : 0;
} else {
  writeFileSync(file, text);
  writeFileSync(PYTHON_CODES, pythonCodes());
  console.log(changed.length > 0 ? `README.md: wrote ${changed.join(', ')}` : 'README.md: nothing to write');
}
