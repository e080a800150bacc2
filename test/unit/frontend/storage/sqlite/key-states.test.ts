import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { makeFeedbackTables } from '../../../../../frontend/storage/sqlite/feedback-schema.ts';
import { KeyStates, type KeyChange } from '../../../../../frontend/storage/sqlite/key-states.ts';
import { plainCells } from '../../../../support/counting-policy.ts';

const ANN = Uint8Array.of(1);
const BOB = Uint8Array.of(2);

function open() {
  const database = new DatabaseSync(':memory:');
  makeFeedbackTables(database);
  const states = new KeyStates(database);
  const give = (context: Uint8Array, add: bigint, minute = 1): number => {
    const change = states.change(1, { context, increments: [{ cell: 'n', add }] }, minute);
    assert.equal(typeof change, 'function');
    return (change as KeyChange)();
  };
  return { states, give, rows: () => Number(database.prepare('SELECT count(*) AS n FROM key_state').get()?.['n']) };
}

test('changes of one transaction add up, are written when it ends, and are gone when it is undone', () => {
  const { states, give, rows } = open();
  assert.deepEqual([give(ANN, 1n), give(ANN, 2n), give(BOB, 5n)], [1, 0, 1], 'each key is one more once');
  assert.equal(rows(), 0);
  states.write();
  assert.equal(rows(), 2);
  give(ANN, 100n);
  assert.equal(states.read(1, ANN).get('n'), 103n, 'who reads in the middle sees what was changed');
  states.forget();
  assert.deepEqual(plainCells(states.read(1, ANN)), { n: 3n });
  assert.deepEqual(plainCells(states.read(2, ANN)), {}, 'another app\'s is another one');
});

test('a change that was not carried out has changed nothing', () => {
  const { states } = open();
  states.change(1, { context: ANN, increments: [{ cell: 'n', add: 1n }] }, 1);
  assert.equal(states.change(1, { context: ANN, increments: [{ cell: 'n', add: 1n }, { cell: 'm', add: 2n ** 63n }] }, 1), 'cell');
  assert.equal(states.change(1, { context: ANN, increments: Array.from({ length: 5000 }, (_, i) => ({ cell: `${i}`, add: 1n })) }, 1), 'cells');
  assert.deepEqual(plainCells(states.read(1, ANN)), {});
});

test('cells, keys and the coldest keys are removed', () => {
  const { states, give, rows } = open();
  give(ANN, 1n, 9);
  give(BOB, 1n, 3);
  assert.equal(states.remove(1, ANN, ['n']), 0);
  states.write();
  assert.deepEqual(plainCells(states.read(1, ANN)), {});
  assert.deepEqual(states.dropColdest(1, 1).map((context) => [...context]), [[2]]);
  assert.equal(states.remove(1, ANN, 'all'), 1);
  assert.equal(states.remove(1, ANN, 'all'), 0);
  assert.equal(rows(), 0);
  give(ANN, 4n);
  states.removeAll(1);
  states.write();
  assert.equal(rows(), 0);
});
