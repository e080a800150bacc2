import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lateness } from '../../../../frontend/domain/lateness.ts';

const FIRST_MICROS = 2_000, LEAST_MICROS = 500;

function lateness(): Lateness {
  return new Lateness({ firstMicros: FIRST_MICROS, leastMicros: LEAST_MICROS });
}
function wake(of: Lateness, times: number, lateMicros: (i: number) => number): void {
  for (let i = 0; i < times; i++) of.woke(1_000, 1_000 + lateMicros(i));
}

test('the first wakes count by the worst of them, and no less than was guessed', () => {
  const of = lateness();
  assert.equal(of.micros, FIRST_MICROS);
  wake(of, 10, () => 100);
  assert.equal(of.micros, FIRST_MICROS);
  wake(of, 1, () => 5_000);
  assert.equal(of.micros, 5_000 + LEAST_MICROS);
});

test('a pause now and then does not count; where many wakes are late they do, and are forgotten once they no longer are', () => {
  const of = lateness();
  wake(of, 512, (i) => (i % 64 === 0 ? 9_000 : 100));
  assert.equal(of.micros, 100 + LEAST_MICROS);
  wake(of, 32, (i) => (i % 2 === 0 ? 9_000 : 100));
  assert.equal(of.micros, 9_000 + LEAST_MICROS, 'within a second or so');
  wake(of, 256, () => 100);
  assert.equal(of.micros, 100 + LEAST_MICROS);
});

test('three of a hundred come later', () => {
  const of = lateness();
  wake(of, 256, (i) => i * 10);
  const later = Array.from({ length: 256 }, (_, i) => i * 10 + LEAST_MICROS).filter((micros) => micros > of.micros).length;
  assert.ok(later === 7, `${later} of 256`);
});

test('there is a least and a most, and a wake that comes early is not late', () => {
  const of = lateness();
  wake(of, 512, () => -5);
  assert.equal(of.micros, LEAST_MICROS);
  wake(of, 512, () => 1e9);
  assert.equal(of.micros, 20_000);
});
