import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { codeHash, Ledger } from '../../../../bench/report/ledger.ts';
import { folderWith } from '../../../support/config-files.ts';

test('parts are kept as they end; a line that was cut off, and parts of another key, are passed over', (t) => {
  const file = join(folderWith(t), 'ledger.jsonl');
  const first = new Ledger<number>(file, 'k');
  first.add(1);
  new Ledger<number>(file, 'other').add(9);
  appendFileSync(file, '{"key":"k","part":2');
  const second = new Ledger<number>(file, 'k');
  assert.deepEqual(second.parts, [1]);
  second.add(3);
  assert.deepEqual(new Ledger<number>(file, 'k').parts, [1, 3]);
});

test('without a file nothing is kept', () => {
  const ledger = new Ledger<number>(undefined, 'k');
  ledger.add(1);
  assert.deepEqual([ledger.parts, new Ledger<number>(undefined, 'k').parts], [[1], []]);
});

test('the hash is of the code below the paths, whichever comes first', () => {
  assert.equal(codeHash(['selection-policies', 'bench/regret/play.ts']), codeHash(['bench/regret/play.ts', 'selection-policies']));
  assert.notEqual(codeHash(['selection-policies']), codeHash(['selection-policies', 'bench/regret/play.ts']));
});
