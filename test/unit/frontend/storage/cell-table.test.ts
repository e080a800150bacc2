import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CellTable } from '../../../../frontend/storage/cell-table.ts';
import { plainCells } from '../../../support/counting-policy.ts';

test('the version rises with each change, and only then', () => {
  const table = new CellTable();
  assert.deepEqual([table.snapshot('a').version, table.snapshot('a').cells.size], [0, 0]);
  const versions: number[] = [];
  const note = (): number => versions.push(table.snapshot('a').version);
  table.add('a', [{ cell: 'x', add: 2n }, { cell: 'm', max: 4n }]);
  note();
  table.add('a', []);
  note();
  table.set('a', [['x', 7n]]);
  note();
  table.remove('a', ['m']);
  note();
  assert.deepEqual(versions, [1, 1, 2, 3]);
  assert.deepEqual(plainCells(table.snapshot('a').cells), { x: 7n });
});

test('replacing, removing all and keeping only some', () => {
  const table = new CellTable();
  table.add('a', [{ cell: 'x', add: 2n }]);
  table.add('b', [{ cell: 'x', add: 3n }]);
  const { cells } = table.snapshot('a');
  table.replace('a', [['y', 1n]]);
  assert.deepEqual(plainCells(cells), { y: 1n }, 'one object for the life of the app');
  table.remove('a', 'all');
  assert.equal(cells.size, 0);
  table.keep(new Set(['b']));
  assert.deepEqual([table.snapshot('a').version, plainCells(table.snapshot('b').cells)], [0, { x: 3n }]);
});
