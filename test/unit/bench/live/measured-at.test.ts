import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commitsText, measuredAt } from '../../../../bench/live/measured-at.ts';

const OLD = { commit: 'aaaaaaaaaaaaaaaa', dirty: false };
const NOW = { commit: 'bbbbbbbbbbbbbbbb', dirty: false };

test('a part is of the tree that began it, and of each other that went on with it', () => {
  assert.deepEqual(measuredAt(undefined, NOW), { measuredAt: [NOW] });
  assert.deepEqual(measuredAt({ measuredAt: [OLD] }, NOW), { measuredAt: [OLD, NOW] });
  assert.deepEqual(measuredAt({ measuredAt: [OLD, NOW] }, NOW), { measuredAt: [OLD, NOW] });
  assert.deepEqual(measuredAt({ measuredAt: [NOW] }, { ...NOW, dirty: true }), { measuredAt: [NOW, { ...NOW, dirty: true }] });
});

test('what an earlier run did not note is not made up', () => {
  assert.deepEqual(measuredAt({}, NOW), {});
});

test('where all parts are of the commit of the stamp, or none says, nothing is said', () => {
  const workloads = [{ name: 'one', measuredAt: [NOW] }, { name: 'two', measuredAt: [NOW] }];
  assert.equal(commitsText({ ...NOW, result: { workloads } }), undefined);
  assert.equal(commitsText({ ...NOW, result: { workloads: [{ name: 'one' }, { name: 'two' }] } }), undefined);
});

test('where commits differ, from one another or from the stamp, each part is told with its own', () => {
  const workloads = [{ name: 'one', measuredAt: [OLD] }, { name: 'two', measuredAt: [OLD, { ...NOW, dirty: true }] }, { name: 'three', measuredAt: [OLD] }, { name: 'four' }];
  assert.equal(
    commitsText({ ...NOW, result: { workloads, replicas: { name: 'replicas', measuredAt: [NOW] } } }),
    'measured at aaaaaaaaaaaa (one, three), aaaaaaaaaaaa and bbbbbbbbbbbb with changes (two), a commit that nobody noted (four), bbbbbbbbbbbb (replicas)',
  );
  assert.equal(commitsText({ ...NOW, result: { workloads: [{ name: 'one', measuredAt: [OLD] }] } }), 'measured at aaaaaaaaaaaa (one)');
});
