import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenBodies } from '../../../../../frontend/http/exchange/open-bodies.ts';

test('what is held by all counts, also what was too much until it is let go', () => {
  const bodies = new OpenBodies(100);
  assert.deepEqual([bodies.hold(60), bodies.hold(40), bodies.hold(1)], [true, true, false]);
  assert.equal(bodies.bytes, 101);
  bodies.letGo(1);
  assert.equal(bodies.hold(1), false);
  bodies.letGo(61);
  assert.equal(bodies.hold(60), true);
});
