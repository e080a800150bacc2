import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Standstill } from '../../../../frontend/runtime/standstill.ts';

/** Plays turns, each [begins, ends] in milliseconds with what the thread had waited by then, and says what each may have found lying. */
function lying(turns: readonly (readonly [number, number, number?])[], { isSeen = true } = {}): readonly number[] {
  let waitedMs = 0;
  const standstill = new Standstill(isSeen ? () => waitedMs * 1000 : undefined);
  return turns.map(([begins, ends, waited = waitedMs]) => {
    waitedMs = waited;
    const micros = standstill.began(begins * 1000);
    standstill.ended(ends * 1000);
    return micros / 1000;
  });
}

test('what comes while a turn goes on may have come as early as that turn', () => {
  assert.deepEqual(lying([[10, 22], [22.1, 22.5], [22.6, 23]]), [0, 12.1, 0]);
  assert.deepEqual(lying([[10, 22], [22.9, 23]], { isSeen: false }), [0, 12.9]);
});

test('short turns are how a loop goes', () => {
  assert.deepEqual(lying([[10, 11.7], [11.8, 13.6], [13.7, 14]]), [0, 0, 0]);
});

test('after a sleep only the wait for a processor counts, and what of it was before that sleep does not', () => {
  assert.deepEqual(lying([[10, 10.1], [30, 30.1], [50, 50.1, 11], [70, 70.1, 12]]), [0, 0, 11, 0]);
  // A look at the account is taken every 2 ms only: 1.5 ms lie between it and the end of the last turn.
  assert.deepEqual(lying([[10, 10.1], [11.5, 11.6, 1], [30, 30.1, 13]]), [0, 0, 11.5]);
  assert.deepEqual(lying([[10, 10.1], [13, 13.1, 30]]), [0, 2.9], 'no longer than there was no turn');
});

test('what an idle thread waited at wakes for other things is not laid to who comes at last', () => {
  assert.deepEqual(lying([[10, 10.1], [60, 60.1, 20], [3_600_000, 3_600_000.1, 180]]), [0, 20, 0]);
});

test('where nobody says how long the thread waited, a sleep is a sleep', () => {
  assert.deepEqual(lying([[10, 10.1], [30, 30.1]], { isSeen: false }), [0, 0]);
});

test('what the thread waited before anybody looked is nobody’s', () => {
  const standstill = new Standstill(() => 70_000);
  assert.equal(standstill.began(5_000_000), 0);
});
