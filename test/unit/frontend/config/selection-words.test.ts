import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSelection, writeSelection } from '../../../../frontend/config/selection-words.ts';
import { faultText } from '../../../../frontend/domain/fault.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';

type Raw = Parameters<typeof readSelection>[0];

function read(raw: Partial<Raw>): { spec: ReturnType<typeof readSelection>; faults: string } {
  const faults: Fault[] = [];
  const spec = readSelection({ arms: ['m', 'n'], ...raw }, ['apps', 0], faults);
  return { spec, faults: faults.map(faultText).join('\n') };
}

test('unsaid, one arm is asked, several are learned about, an ensemble is weighed', () => {
  const policy = (raw: Partial<Raw>): string => read(raw).spec.policy;
  assert.deepEqual([policy({ arms: ['m'] }), policy({}), policy({ ensemble: { combine: 'vote' } }), policy({ cascade: { first: 'm', second: 'n', when_confidence_below: 0.5 } })], ['static', 'adaptive', 'hedge', 'static']);
});

test('a policy may have options', () => {
  assert.deepEqual(read({ policy: { name: 'exp3', horizon: 9 } as NonNullable<Raw['policy']> }).spec, { policy: 'exp3', policyOptions: { horizon: 9 } });
  assert.deepEqual(read({ policy: { name: 'exp3' } }).spec, { policy: 'exp3' });
});

test('what is named must be an arm, and make sense', () => {
  assert.match(read({ ensemble: { combine: 'vote', arms: ['x'] } }).faults, /ensemble\.arms: "x" is no arm of the app/u);
  assert.match(read({ shadow: ['m', 'n'] }).faults, /leaves no arm to answer/u);
  assert.match(read({ cascade: { first: 'm', second: 'm', when_confidence_below: 0.5 } }).faults, /cascade\.second: is the first arm/u);
  assert.match(read({ ensemble: { combine: 'vote' }, cascade: { first: 'm', second: 'n', when_confidence_below: 0.5 } }).faults, /stands beside an ensemble/u);
});

test('written and read again it is the same', () => {
  const all: Partial<Raw>[] = [{}, { policy: { name: 'exp3', horizon: 9 } as NonNullable<Raw['policy']> }, { ensemble: { combine: 'vote', arms: ['m'], min_confidence: 0.5 }, shadow: ['n'] }, { cascade: { first: 'm', second: 'n', when_confidence_below: 0.5 } }];
  for (const raw of all) {
    const { spec } = read(raw);
    assert.deepEqual(read(writeSelection(spec)).spec, spec);
  }
});
