import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyCurve } from '../../../../../frontend/batching/latency/latency-curve.ts';
import { ScaledLaw } from '../../../../../frontend/batching/latency/scaled-law.ts';
import { TailRatio } from '../../../../../frontend/batching/latency/tail-ratio.ts';

test('mean and tail are those of the curve, at the pace of the law', () => {
  const curve = new LatencyCurve();
  const tail = new TailRatio({ quantile: 0.99 });
  for (const rows of [1, 2, 4]) curve.observe(rows, 1000 + 100 * rows, 0);
  for (let i = 0; i < 50; i++) tail.observe(1.5, 0);
  const law = new ScaledLaw(curve, tail);
  law.factor = 3;
  assert.equal(law.meanMicros(4), 3 * curve.meanMicros(4));
  assert.ok(Math.abs(law.tailMicros(4) / (1.5 * law.meanMicros(4)) - 1) < 0.05, `${law.tailMicros(4)}`);
  assert.equal(law.reachRows, curve.reachRows);
  assert.ok(law.isExploring(5) && !law.isExploring(4) && !law.isExploring(3));
});
