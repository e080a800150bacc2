import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FoundVersion, Scan } from '../../../../../frontend/lifecycle/sources/scan.ts';
import { SettledVersions, type Look } from '../../../../../frontend/lifecycle/sources/settled-versions.ts';

const found = (version: number, print = 'p', changedEpochMs = 1000): FoundVersion => ({ version, folder: `/s/m/${version}`, entries: [], print, changedEpochMs, mark: '' });
const scanOf = (...versions: readonly FoundVersion[]): Scan => ({ models: [{ name: 'm', folder: '/s/m', versions }], refused: [] });
const taken = ({ taken: of }: Look): number[] => (of.get('m') ?? []).map(({ version }) => version);

test('a version is taken when it is as it was at the look before, and not while it grows', () => {
  const settled = new SettledVersions(2000);
  assert.deepEqual([taken(settled.look(scanOf(found(1, 'a')), 1000)), settled.look(scanOf(found(1, 'b')), 1100).settling], [[], ['/s/m/1']]);
  assert.deepEqual(taken(settled.look(scanOf(found(1, 'b')), 1200)), [1]);
  assert.deepEqual([...settled.known.keys()], ['/s/m/1']);
});

test('one that has lain there long enough is taken at once; an empty folder never', () => {
  const settled = new SettledVersions(2000);
  assert.deepEqual(taken(settled.look(scanOf(found(2, 'a', 1000), found(1, 'a', 2000)), 3000)), [2]);
  assert.deepEqual(taken(new SettledVersions(0).look(scanOf(found(1, '')), 9000)), []);
});

test('what is left out goes, beside others; a model or a source that is empty all of a sudden keeps what it had', () => {
  const settled = new SettledVersions(0);
  assert.deepEqual(taken(settled.look(scanOf(found(2), found(1)), 9000)), [2, 1]);
  assert.deepEqual(taken(settled.look(scanOf(found(2)), 9000)), [2]);
  const other = { name: 'n', folder: '/s/n', versions: [{ ...found(1), folder: '/s/n/1' }] };
  assert.deepEqual(taken(settled.look({ models: [...scanOf().models, other], refused: [] }, 9000)), [2], 'its folder is there');
  const emptied = settled.look({ models: [], refused: [] }, 9000);
  assert.deepEqual([emptied.isEmptied, taken(emptied)], [true, [2]]);
  assert.deepEqual([...settled.look({ models: [other], refused: [] }, 9000).taken.keys()], ['n'], 'its folder is gone, beside others');
});

test('one that is written to after it was taken stays, and that is said once', () => {
  const settled = new SettledVersions(0);
  settled.look(scanOf(found(1, 'a')), 9000);
  const again = settled.look(scanOf(found(1, 'b')), 9000);
  assert.deepEqual([taken(again), again.rewritten], [[1], ['/s/m/1']]);
  assert.deepEqual(settled.look(scanOf(found(1, 'c')), 9000).rewritten, []);
});

test('one that could not be served has to stand still again once it has changed, and was never taken', () => {
  const settled = new SettledVersions(2000);
  assert.deepEqual(taken(settled.look(scanOf(found(2), found(1, 'a')), 9000)), [2, 1]);
  settled.refuse(found(1));
  assert.deepEqual([...settled.known.keys()], ['/s/m/2'], 'it is looked at as a whole');
  assert.deepEqual(taken(settled.look(scanOf(found(2), found(1, 'a')), 9100)), [2, 1], 'as it was');
  settled.refuse(found(1));
  const growing = settled.look(scanOf(found(2), found(1, 'b', 9200)), 9300);
  assert.deepEqual([taken(growing), growing.settling, growing.rewritten], [[2], ['/s/m/1'], []]);
  assert.deepEqual(taken(settled.look(scanOf(found(2), found(1, 'b', 9200)), 9400)), [2, 1]);
});

test('a source of which all was refused is not one that was emptied', () => {
  const settled = new SettledVersions(0);
  settled.look(scanOf(found(1)), 9000);
  settled.refuse(found(1));
  assert.equal(settled.look({ models: [], refused: [] }, 9000).isEmptied, false);
});
