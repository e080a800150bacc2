import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Calm } from '../../../../bench/load/calm.ts';

/** A machine of which so much is stolen in each of its rounds, of a hundred ticks each. */
function machine(repeats: number, stolen: readonly number[]): { calm: Calm; said: string[] } {
  const said: string[] = [];
  const readings = stolen.flatMap((share, round) => [{ all: 1000 * round, stolen: 0 }, { all: 1000 * round + 100, stolen: share }]);
  return { calm: new Calm({ repeats, say: (line) => said.push(line), ticks: () => readings.shift() ?? { all: 0, stolen: 0 } }), said };
}

test('a calm round counts at once; a disturbed one is played again until one is calm', async () => {
  const { calm, said } = machine(5, [0, 30, 2, 1]);
  let played = 0;
  const round = async (): Promise<number> => ++played;
  assert.deepEqual([await calm.play(round), await calm.play(round)], [1, 4]);
  assert.deepEqual(said.map((line) => line.split(' ')[0]), ['30.0', '2.0']);
  assert.equal(calm.stolen, 0.005);
});

test('without repeats left the calmest try counts, and says how calm it was', async () => {
  const { calm } = machine(2, [20, 5, 40, 10]);
  let played = 0;
  const round = async (): Promise<number> => ++played;
  assert.deepEqual([await calm.play(round), await calm.play(round)], [2, 4]);
  assert.equal(calm.stolen, 0.075);
});

test('a round that fails is played again where it was disturbed, and fails where it was not, or at last', async () => {
  let played = 0;
  const failing = (until: number) => async (): Promise<number> => {
    if (++played < until) throw new Error(`round ${played}`);
    return played;
  };
  assert.equal(await machine(5, [30, 30, 0]).calm.play(failing(3)), 3);
  played = 0;
  await assert.rejects(machine(5, [30, 0]).calm.play(failing(9)), /round 2/);
  played = 0;
  await assert.rejects(machine(1, [30, 30]).calm.play(failing(9)), /round 2/);
  played = 0;
  // What was measured in an earlier try is not lost by the last one's failure.
  assert.equal(await machine(1, [30, 60]).calm.play(async () => { if (++played > 1) throw new Error('late'); return played; }), 1);
});
