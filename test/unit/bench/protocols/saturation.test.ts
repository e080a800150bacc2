import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meanBetween, shareOf } from '../../../../bench/protocols/saturation.ts';

test('the share is that of the middle step: those before and after the load do not count', () => {
  assert.equal(shareOf([[0, 500], [100, 510], [200, 600], [300, 695], [400, 785], [500, 785]]), 0.9);
  assert.equal(shareOf([[0, 1], [100, 102]]), 1);
});

test('without accounts, or with too little to go by, there is no share', () => {
  assert.equal(shareOf([[0, 0], [100, 0], [200, 0]]), undefined);
  assert.equal(shareOf([[0, 5]]), undefined);
});

test('rows of a batch are those since the text before, over all models', () => {
  const text = (rows: number, batches: number): string => `tradewind_batch_rows_sum{model="a"} ${rows}\ntradewind_batch_rows_count{model="a"} ${batches}\ntradewind_batch_rows_sum{model="b"} 1\ntradewind_batch_rows_count{model="b"} 1\n`;
  assert.equal(meanBetween(text(100, 50), text(340, 70)), 12);
  assert.equal(meanBetween(text(100, 50), text(100, 50)), undefined);
});
