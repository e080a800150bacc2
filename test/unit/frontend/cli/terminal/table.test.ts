import assert from 'node:assert/strict';
import { test } from 'node:test';
import { table, type Column } from '../../../../../frontend/cli/terminal/table.ts';

const COLUMNS: readonly Column<readonly [string, number]>[] = [{ head: 'name', cell: ([name]) => name }, { head: 'n', cell: ([, n]) => n, right: true }];
const plain = { columns: undefined, paint: (_: string, text: string) => text };

test('columns are as wide as what is in them, numbers at the right', () => {
  assert.equal(table(plain, COLUMNS, [['a', 1], ['longer', 100]], 'none'), 'name      n\na         1\nlonger  100');
  assert.equal(table(plain, COLUMNS, [], 'There are none.'), 'There are none.');
});

test('where there is little room the widest give way, and a tone is put around what is shown', () => {
  const paint = (tone: string, text: string): string => `<${tone}>${text}</>`;
  const lines = table({ columns: 12, paint }, [{ head: 'x', cell: () => ({ text: 'abcdefghijkl', tone: 'red' }) }, { head: 'n', cell: () => 7 }], [1], '').split('\n');
  assert.deepEqual(lines, ['<dim>x        </>  <dim>n</>', '<red>abcdefgh…</>  7']);
});

test('what would move the cursor is taken out of a cell', () => {
  assert.equal(table(plain, [{ head: 'x', cell: () => 'a\u001B[1mb\nc' }], [1], ''), 'x\nab c');
});
