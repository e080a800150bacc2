import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lateness } from '../../../../frontend/domain/lateness.ts';

test('a late wake counts at once and is forgotten slowly; there is a least and a most', () => {
  const lateness = new Lateness({ firstMicros: 2_000, leastMicros: 500 });
  assert.equal(lateness.micros, 2_000);
  lateness.woke(100, 5_100);
  assert.equal(lateness.micros, 5_500);
  for (let i = 0; i < 32; i++) lateness.woke(0, 0);
  assert.equal(lateness.micros, 3_000);
  for (let i = 0; i < 1_000; i++) lateness.woke(0, 0);
  assert.ok(lateness.micros <= 501);
  lateness.woke(0, 1e9);
  assert.equal(lateness.micros, 20_000);
});

test('a wake that comes early is not late', () => {
  const lateness = new Lateness({ firstMicros: 0, leastMicros: 0 });
  lateness.woke(10, 5);
  assert.equal(lateness.micros, 0);
});
