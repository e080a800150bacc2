import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentHelp, optionDocs } from '../../../../frontend/config/option-table.ts';

test('the help lists every name in the environment with its default', () => {
  assert.match(environmentHelp(), /TRADEWIND_LISTEN_HTTP +.*\[127\.0\.0\.1:8000\]/u);
  assert.match(environmentHelp(), /TRADEWIND_DRAIN_MS/u);
});

test('the docs have a row for each option, all of one width', () => {
  const rows = optionDocs().split('\n');
  assert.ok(rows.some((row) => row.startsWith('| `apps[].arms` |') && row.includes('required')));
  assert.ok(rows.some((row) => row.startsWith('| `models[].batching.max_batch` |') && row.includes('`128`')));
  assert.ok(rows.some((row) => row.startsWith('| `drain_ms` |') && row.includes('`TRADEWIND_DRAIN_MS`')));
});
