import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusals } from '../../../../bench/live/undisturbed.ts';
import { ScheduleMissed } from '../../../../bench/load/generate.ts';

test('what was not measured is played once more, and stays refused where it is again', async () => {
  const said: string[] = [];
  const refusals = new Refusals((line) => said.push(line));
  let tries = 0;
  await refusals.playAll(async () => {
    tries++;
    await refusals.sample('a', '  a: ', async () => 'well');
    for (const name of ['b', 'c']) {
      await refusals.sample(name, `  ${name}: `, async () => {
        if (tries === 1 || name === 'c') throw new ScheduleMissed('it was late');
        return 'well at last';
      });
    }
  });
  assert.deepEqual(said, [
    '  a: well', '  b: not measured: it was late', '  c: not measured: it was late', '  once more what was not measured', '  a: well', '  b: well at last', '  c: not measured: it was late',
  ]);
  assert.deepEqual(refusals.words, ['c: it was late']);
});

test('nothing is played again where all was measured, and another error is not a refusal', async () => {
  const refusals = new Refusals(() => undefined);
  let tries = 0;
  await refusals.playAll(async () => { tries++; });
  assert.equal(tries, 1);
  await assert.rejects(refusals.sample('a', '', async () => { throw new Error('broken'); }), /broken/);
  assert.deepEqual(refusals.words, []);
});
