import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdownTable, textTable } from '../../../../bench/report/table.ts';

const ROWS = [['what', 'much'], ['µs', '1'], ['longer', '12.5']];

test('a text table keeps its columns in line', () => {
  assert.equal(textTable(ROWS), 'what    much\nµs         1\nlonger  12.5');
});

test('a Markdown table aligns figures to the right', () => {
  assert.equal(markdownTable(ROWS), '| what | much |\n| --- | ---: |\n| µs | 1 |\n| longer | 12.5 |');
});
