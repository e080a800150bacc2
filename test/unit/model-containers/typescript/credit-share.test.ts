import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreditShare } from '../../../../model-containers/typescript/credit-share.ts';

test('one broker has them all, and each comes back to it', () => {
  const share = new CreditShare<string>(2);
  assert.equal(share.join('a'), 2);
  assert.deepEqual(share.done('a'), [{ broker: 'a', n: 1 }]);
});

test('brokers that are expected find their share', () => {
  const share = new CreditShare<string>(3, 2);
  assert.equal(share.join('a'), 2);
  assert.equal(share.join('b'), 1);
});

test('a latecomer gets what another has above its share, or nothing while there are fewer credits than brokers', () => {
  const share = new CreditShare<string>(2);
  share.join('a');
  assert.equal(share.join('b'), 0);
  assert.deepEqual(share.done('a'), [{ broker: 'b', n: 1 }]);
  assert.deepEqual(share.done('a'), [{ broker: 'a', n: 1 }]);
  const single = new CreditShare<string>(1);
  single.join('a');
  assert.equal(single.join('b'), 0);
  assert.deepEqual(single.done('a'), [{ broker: 'a', n: 1 }]);
  assert.deepEqual(single.leave('a', 0), [{ broker: 'b', n: 1 }]);
});

test('batches of a broker that has left hold their credits until they are done', () => {
  const share = new CreditShare<string>(2);
  share.join('a');
  share.join('b');
  assert.deepEqual(share.leave('a', 1), [{ broker: 'b', n: 1 }]);
  assert.deepEqual(share.done('a'), [{ broker: 'b', n: 1 }]);
  assert.deepEqual(share.leave('unknown', 0), []);
});
