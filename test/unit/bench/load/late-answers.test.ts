import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LateAnswers } from '../../../../bench/load/late-answers.ts';

const DEFAULT = { source: 'default', reason: 'deadline_exceeded' };

test('late ones are counted, and apart those that only left too late', () => {
  const late = new LateAnswers(1_000);
  late.add({ sequence: 3, latencyMicros: 1_100.4, leftLateMicros: 99.6 }, DEFAULT, Buffer.from('{"latency_ms":0.95,"source":"default"}'));
  late.add({ sequence: 4, latencyMicros: 1_100, leftLateMicros: 100 }, { source: 'other', reason: '' }, Buffer.from('{}'));
  assert.deepEqual([late.count, late.byGenerator], [2, 1]);
  assert.deepEqual(late.worst, [
    { sequence: 3, latencyMicros: 1_100, leftLateMicros: 100, serverMicros: 950, source: 'default', reason: 'deadline_exceeded' },
    { sequence: 4, latencyMicros: 1_100, leftLateMicros: 100, source: 'other', reason: '' },
  ]);
});

test('the worst are kept, the latest first, and no more than a few', () => {
  const late = new LateAnswers(0);
  for (let i = 1; i <= 100; i++) late.add({ sequence: i, latencyMicros: (i * 37) % 101, leftLateMicros: 0 }, DEFAULT, Buffer.from('{"latency_ms":-}'));
  assert.deepEqual(late.worst.map(({ latencyMicros }) => latencyMicros), Array.from({ length: 16 }, (_, i) => 100 - i));
  assert.equal(late.count, 100);
});
