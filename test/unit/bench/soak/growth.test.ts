import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthOf } from '../../../../bench/soak/growth.ts';

test('a saw that stays where it is has not grown, wherever its teeth end', () => {
  assert.equal(growthOf([240, 300, 370, 240, 300, 370]), 0);
  assert.equal(growthOf([300, 370, 240, 300, 370, 340]), 0);
});

test('memory that leaks shows in its peaks', () => {
  assert.ok(Math.abs(growthOf([100, 100, 110, 110]) - 0.1) < 1e-9);
  assert.ok(Math.abs(growthOf([200, 300, 240, 360]) - 0.2) < 1e-9);
});

test('one sample tells nothing', () => {
  assert.ok(Number.isNaN(growthOf([100])));
});
