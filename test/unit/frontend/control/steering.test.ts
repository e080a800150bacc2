import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptSteering, steered, steeringFaults } from '../../../../frontend/control/steering.ts';
import { mergeFile } from '../../../../frontend/control/desired-merge.ts';
import { diffDesired } from '../../../../frontend/control/desired-diff.ts';
import { faultText } from '../../../../frontend/domain/fault.ts';
import type { Steering } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';

const APP = makeApp({ arms: ['m', 'n', 'o'] });
const faults = (steering: Steering): string => steeringFaults(APP, steering).map(faultText).join('\n');

test('hands that fit have no fault, each other has its own', () => {
  assert.equal(faults({ pin: 'm', frozen: true, exploit: true, floors: { m: 0.5 }, caps: { n: 0.2 }, shadow: ['o'], parents: { n: 'm@1' } }), '');
  assert.match(faults({ pin: 'x' }), /"x" is no arm of the app \(expected one of m, n, o\)/u);
  assert.match(faults({ parents: { m: 'm' } }), /parents\.m: is its own parent/u);
  assert.match(faults({ pin: 'm', shadow: ['m'] }), /pin: is a shadow/u);
  assert.match(faults({ shadow: ['m', 'n', 'o'] }), /leaves no arm to answer/u);
  assert.match(faults({ floors: { m: 0.6, n: 0.6 } }), /floors: sum to 1\.2/u);
  assert.match(faults({ caps: { m: 0.1, n: 0.1, o: 0.1 } }), /caps: sum to 0\.3/u);
  assert.match(faults({ floors: { m: 0.5 }, caps: { m: 0.2 } }), /floors\.m: is 0\.5 \(expected at most its cap, 0\.2\)/u);
});

test('hands stay as long as their app does, over what the file says', () => {
  const file = desiredOf([makeModel(), makeModel({ name: 'n' }), makeModel({ name: 'o' })], [APP]);
  const held = { ...file, ...keptSteering(steered(undefined, 'a', { pin: 'm' }), file.apps) };
  assert.deepEqual(mergeFile(held, file).steering?.['a'], { pin: 'm' });
  assert.equal(mergeFile({ ...held, fromFile: { ...held.fromFile, apps: ['a'] } }, { ...file, apps: {} }).steering, undefined);
  assert.deepEqual(diffDesired(file, held).apps, { added: [], changed: ['a'], removed: [] });
  assert.deepEqual(keptSteering(steered(held.steering, 'a', {}), file.apps), {});
});
