import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareAt, splitShares } from '../../../../frontend/control/split-shares.ts';

const labels = { stable: 1, canary: 2, beta: 3 };

test('weights become shares of those that are set and ready, stable last', () => {
  assert.deepEqual(splitShares({ stable: 90, canary: 5, beta: 5, unset: 100 }, labels, () => true), [{ version: 3, share: 0.05 }, { version: 2, share: 0.05 }, { version: 1, share: 0.9 }]);
  assert.deepEqual(splitShares({ stable: 90, canary: 10 }, labels, (version) => version === 2), [{ version: 2, share: 1 }]);
  assert.deepEqual(splitShares({ stable: 75, canary: 25 }, labels, () => false), [{ version: 2, share: 0.25 }, { version: 1, share: 0.75 }]);
  assert.deepEqual(splitShares({ stable: 0, constructor: 1 }, labels, () => true), []);
});

test('luck falls into the parts in their order, and always into one', () => {
  const shares = splitShares({ stable: 75, canary: 25 }, labels, () => true);
  assert.deepEqual([0, 0.2499, 0.25, 0.9999999, 1].map((luck) => shareAt(shares, luck)?.version), [2, 2, 1, 1, 1]);
  assert.equal(shareAt([], 0.5), undefined);
});
