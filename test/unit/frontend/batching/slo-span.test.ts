import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SloSpan } from '../../../../frontend/batching/slo-span.ts';

test('the least and the most of late; what is long past is forgotten', () => {
  const span = new SloSpan();
  assert.deepEqual([span.leastMicros, span.mostMicros], [Infinity, 0]);
  for (const slo of [20, 5, 100]) span.arrived(slo);
  assert.deepEqual([span.leastMicros, span.mostMicros], [5, 100]);
  for (let i = 0; i < 256; i++) span.arrived(30);
  assert.deepEqual([span.leastMicros, span.mostMicros], [5, 100]);
  for (let i = 0; i < 512; i++) span.arrived(30);
  assert.deepEqual([span.leastMicros, span.mostMicros], [30, 30]);
});
