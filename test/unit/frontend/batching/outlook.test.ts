import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FixedController } from '../../../../frontend/batching/controllers/fixed.ts';
import { outlookOf } from '../../../../frontend/batching/outlook.ts';
import { exactLaw } from '../../../support/exact-law.ts';

const SLO_MICROS = 20_000;

test('the size that the controller aims at, and the line of the law up to it', () => {
  const law = exactLaw((rows) => 2_000 + 100 * rows);
  const of = (maxBatch: number) => outlookOf(law, new FixedController({ maxBatch: 8 }), { now: 0, sloMicros: SLO_MICROS, maxBatch });
  assert.deepEqual(of(64), { plannedRows: 8, rowMicros: 100, batchMicros: 2_000 });
  assert.equal(of(4)?.plannedRows, 4);
});

test('of a law that knows nothing there is none', () => {
  assert.equal(outlookOf(exactLaw(() => 0), new FixedController({ maxBatch: 8 }), { now: 0, sloMicros: SLO_MICROS, maxBatch: 4 }), undefined);
});
