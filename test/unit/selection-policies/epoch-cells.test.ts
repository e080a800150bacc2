import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apply } from '../../../selection-policies/cells.ts';
import { addToEpoch, beginNext, earlierEpoch, expiredEpochCells, goOn, packStamp, readEpoch } from '../../../selection-policies/epoch-cells.ts';

/** Rewards one after the other, each with the stamp of what the cells say then. */
function write(cells: Map<string, bigint>, count: number, reward: number): void {
  for (let k = 0; k < count; k++) apply(cells, addToEpoch({ arm: 'a', reward, stamp: packStamp(goOn(readEpoch(cells, 'a'))) }));
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

test('an arm of which nothing is known is in epoch 0, block 0', () => {
  const state = readEpoch(new Map(), 'a');
  assert.deepEqual([state.epoch, state.fell, state.whole], [0, false, { count: 0, sum: 0 }]);
  assert.equal(packStamp(goOn(state)), 0);
});

test('the blocks hold every reward once, however many there are; recent ones in eights', () => {
  const cells = new Map<string, bigint>();
  for (const [more, reward] of [[100, 1], [400, 0], [500, 0.5], [9500, 0.25]] as const) {
    write(cells, more, reward);
    const { blocks, whole } = readEpoch(cells, 'a');
    assert.equal(total(blocks.counts), whole.count);
    assert.equal(total(blocks.sums), whole.sum);
    assert.ok(blocks.counts.slice(-8).every((count) => count <= 8) && blocks.counts.length < 100);
  }
  assert.equal(readEpoch(cells, 'a').whole.count, 10_500);
});

test('a new epoch begins with what is known of it, and only the newest counts', () => {
  const cells = new Map<string, bigint>();
  write(cells, 50, 1);
  const stamp = packStamp(beginNext(readEpoch(cells, 'a'), true, { count: 12, sum: 3 }));
  apply(cells, addToEpoch({ arm: 'a', reward: 0, stamp }));
  // Another writer found the same, from a snapshot with one reward more.
  apply(cells, addToEpoch({ arm: 'a', reward: 1, stamp: packStamp(beginNext(readEpoch(new Map(), 'a'), true, { count: 13, sum: 3 })) }));
  const state = readEpoch(cells, 'a');
  assert.deepEqual([state.epoch, state.fell, state.whole, total(state.blocks.counts)], [1, true, { count: 15, sum: 4 }, 15]);
  assert.deepEqual(earlierEpoch(cells, 'a', 0), { count: 50, sum: 50 });
});

test('a rise does not mark an arm as fallen, and ends the mark of the fall before it', () => {
  const cells = new Map<string, bigint>();
  apply(cells, addToEpoch({ arm: 'a', reward: 0, stamp: packStamp({ epoch: 1, fell: true, seed: { count: 0, sum: 0 } }) }));
  assert.equal(readEpoch(cells, 'a').fell, true);
  apply(cells, addToEpoch({ arm: 'a', reward: 1, stamp: packStamp({ epoch: 2, fell: false, seed: { count: 0, sum: 0 } }) }));
  assert.deepEqual([readEpoch(cells, 'a').epoch, readEpoch(cells, 'a').fell], [2, false]);
});

test('stamps are integers below 2^53, and those of no view are refused', () => {
  const most = packStamp({ epoch: 2 ** 20 - 1, fell: true, seed: { count: 1023, sum: 1023 } });
  assert.ok(Number.isSafeInteger(most));
  for (const stamp of [-1, 0.5, Number.NaN, 2 ** 53]) assert.throws(() => addToEpoch({ arm: 'a', reward: 1, stamp }), RangeError);
});

test('removing expired cells changes nothing that is read, and keeps their number bounded', () => {
  const cells = new Map<string, bigint>();
  write(cells, 9000, 0.5);
  for (let epoch = 1; epoch <= 4; epoch++) {
    apply(cells, addToEpoch({ arm: 'a', reward: 0, stamp: packStamp(beginNext(readEpoch(cells, 'a'), epoch % 2 === 1, { count: 9, sum: 1 })) }));
    write(cells, 40, 1);
    const before = readEpoch(cells, 'a');
    for (const cell of expiredEpochCells(cells)) assert.ok(cells.delete(cell));
    assert.deepEqual(readEpoch(cells, 'a'), before);
  }
  assert.ok(cells.size < 40, `${cells.size} cells`);
  write(cells, 20_000, 0.5);
  for (const cell of expiredEpochCells(cells)) cells.delete(cell);
  assert.ok(cells.size < 250, `${cells.size} cells`);
  assert.equal(readEpoch(cells, 'a').whole.count, 20_050);
});
