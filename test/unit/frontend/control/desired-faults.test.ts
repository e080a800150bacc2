import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_REPLICAS, desiredFaults } from '../../../../frontend/control/desired-faults.ts';
import { faultText } from '../../../../frontend/domain/fault.ts';
import type { AppSpec, DesiredState, ModelSpec } from '../../../../frontend/domain/model.ts';
import { desiredOf, makeApp, makeModel } from '../../../support/specs.ts';

function faultsOf(state: DesiredState): string[] {
  return desiredFaults(state).map(faultText);
}
function appFaults(app: Partial<AppSpec>, models: readonly ModelSpec[] = [makeModel()]): string {
  return faultsOf(desiredOf(models, [makeApp(app)])).join('\n');
}

test('a whole that fits has no fault', () => {
  assert.deepEqual(faultsOf(desiredOf([makeModel(), makeModel({ version: 2 })], [makeApp({ arms: ['m@stable', 'm@2'] })], { m: { stable: 1 } })), []);
});

test('arms name what exists', () => {
  assert.match(appFaults({ arms: ['x'] }), /apps\.a\.arms\[0\]: there is no model "x" \(expected one of m\)/u);
  assert.match(appFaults({ arms: ['m@3'] }), /m has no version 3 \(expected one of 1\)/u);
  assert.match(appFaults({ arms: ['m@stable'] }), /m has no label "stable"/u);
  assert.match(appFaults({ arms: ['constructor'] }), /there is no model "constructor"/u);
});

test('labels point at versions that exist and are no numbers', () => {
  assert.match(faultsOf(desiredOf([makeModel()], [], { m: { stable: 2 } })).join(), /labels\.m@stable: points at version 2, which does not exist/u);
  assert.match(faultsOf(desiredOf([makeModel()], [], { m: { 12: 1 } })).join(), /"12" is no label/u);
});

test('the policy is in the catalog', () => {
  assert.match(appFaults({ policy: 'statc' }), /"statc" is no policy \(expected one of .*static/u);
});

test('every version that an arm may come to gives the output', () => {
  const both = [makeModel(), makeModel({ version: 2, output: { kind: 'label' } })];
  assert.match(appFaults({}, both), /m@2 gives label, which cannot become value/u);
  assert.equal(appFaults({ arms: ['m@1'] }, both), '');
});

test('the default fits the output', () => {
  const probabilities = [makeModel({ output: { kind: 'probabilities', classNames: ['a', 'b'] } })];
  assert.match(appFaults({ default: 'x' }), /apps\.a\.default: does not fit "output: value" \(expected a number\)/u);
  assert.equal(appFaults({ output: 'label', default: 'x' }, probabilities), '');
  assert.match(appFaults({ output: 'label', default: 1.5 }, probabilities), /an integer or text/u);
  assert.equal(appFaults({ output: 'probabilities', default: [0.5, 0.5] }, probabilities), '');
  assert.match(appFaults({ output: 'probabilities', default: [0.5] }, probabilities), /a list of 2 numbers from 0 to 1/u);
  assert.match(appFaults({ output: 'probabilities', default: [2, 0] }, probabilities), /a list of 2/u);
});

test('on_miss: default needs a default', () => {
  const { default: _, ...without } = makeApp();
  assert.match(faultsOf(desiredOf([makeModel()], [without])).join(), /apps\.a\.on_miss: is default, but there is no default/u);
});

test('the SLO lies within its bounds', () => {
  assert.match(appFaults({ sloMs: 5, sloMinMs: 10 }), /slo_ms: is 5 \(expected from slo_min_ms, 10/u);
  assert.match(appFaults({ sloMinMs: 10, sloMaxMs: 5 }), /slo_min_ms: 10 is above slo_max_ms, 5/u);
});

test('arms take the same input, as far as configuration says', () => {
  const input = (dtype: 'float32' | 'int8', shape: number[]) => ({ input: [{ name: 'x', dtype, shape }] });
  const two = (a: Partial<ModelSpec>, b: Partial<ModelSpec>): string => appFaults({ arms: ['m', 'n'] }, [makeModel(a), makeModel({ name: 'n', ...b })]);
  assert.match(two(input('float32', [4]), input('int8', [4])), /m@1 and n@1 take different inputs/u);
  assert.equal(two(input('float32', [4]), input('float32', [-1])), '');
  assert.equal(two(input('float32', [4]), {}), '');
});

test('the whole is bounded', () => {
  assert.match(faultsOf(desiredOf([makeModel({ replicas: MAX_REPLICAS + 1 })])).join(), /want 1025 replicas together/u);
});
