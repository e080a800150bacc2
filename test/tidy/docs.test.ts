import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERRORS } from '../../frontend/domain/errors.ts';
import { METRICS } from '../../frontend/metrics/table.ts';
import { blockOf, withBlocks } from './doc-blocks.ts';
import { errorTable, metricTable } from './doc-tables.ts';
import { readTree, ROOT, sources } from './tree.ts';

function readme(): string {
  return readFileSync(join(ROOT, 'README.md'), 'utf8');
}

/** The words in the first column of a table. */
function firstColumn(table: string): string[] {
  return table.split('\n').slice(2).map((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? line);
}

test('a block that differs is told and replaced; one that agrees is left; one that is missing is refused', () => {
  const text = 'a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb';
  const fresh = withBlocks(text, { x: 'new' });
  assert.deepEqual(fresh, { text: 'a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb', changed: ['x'] });
  assert.deepEqual(withBlocks(fresh.text, { x: 'new' }), { text: fresh.text, changed: [] });
  assert.throws(() => withBlocks('no markers', { x: 'new' }), /needs one/);
  assert.equal(blockOf(fresh.text, 'x'), 'new');
});

test('README and code have the same errors, each way', () => {
  const block = blockOf(readme(), 'errors');
  assert.deepEqual(firstColumn(block), Object.keys(ERRORS));
  assert.equal(block, errorTable());
});

test('README and code have the same metrics, each way', () => {
  const block = blockOf(readme(), 'metrics');
  assert.deepEqual(firstColumn(block), Object.keys(METRICS));
  assert.equal(block, metricTable());
});

test('every error of the table can be said, and every metric is fed', () => {
  const tree = readTree();
  const rest = sources(tree).filter((path) => path !== 'frontend/domain/errors.ts' && path !== 'frontend/metrics/table.ts');
  const words = new Set(rest.flatMap((path) => (tree.get(path) ?? '').match(/\w+/g) ?? []));
  assert.deepEqual(Object.keys(ERRORS).filter((code) => !words.has(code)), [], 'codes that no source uses');
  assert.deepEqual(Object.keys(METRICS).filter((name) => !words.has(name)), [], 'metrics that no source feeds');
});

test('no source names a metric that the table lacks', () => {
  const tree = readTree();
  const named = sources(tree).filter((path) => path.startsWith('frontend/')).flatMap((path) => [...(tree.get(path) ?? '').matchAll(/'(tradewind_[a-z_]+)'/g)].map((match) => match[1] ?? ''));
  assert.deepEqual([...new Set(named)].filter((name) => !Object.hasOwn(METRICS, name)), []);
});

test("README's map names the folders that exist, and no other", () => {
  const named = [...blockOf(readme(), 'map').matchAll(/`((?:[\w.-]+\/)+)`/g)].map((match) => (match[1] ?? '').slice(0, -1));
  const missing = named.filter((folder) => !existsSync(join(ROOT, folder)));
  assert.deepEqual(missing, [], 'in the map, but not there');
  const tree = readTree();
  const top = ['frontend', 'model-containers', 'selection-policies', 'protos', 'deploy', 'test', 'bench'].filter((folder) => existsSync(join(ROOT, folder)));
  const rooms = readdirSync(join(ROOT, 'frontend'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => `frontend/${entry.name}`);
  const folders = [...top, ...rooms].filter((folder) => [...tree.keys()].some((path) => path.startsWith(`${folder}/`)));
  assert.deepEqual(folders.filter((folder) => !named.includes(folder)), [], 'there, but not in the map');
});
