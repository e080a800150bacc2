import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type from 'typebox';
import { check, shown } from '../../../../frontend/config/check.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import { faultText } from '../../../../frontend/domain/fault.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';

const SCHEMA = plain(Type.Object({
  name: Type.String({ pattern: '^[a-z]+$' }),
  level: Type.Union([Type.Literal('info'), Type.Literal('warn')], { default: 'info' }),
  limits: Type.Object({ rows: Type.Integer({ default: 4, minimum: 1, maximum: 9 }) }, { additionalProperties: false }),
  way: Type.Optional(Type.Union([Type.Literal('onnx'), Type.Object({ command: Type.Array(Type.String(), { minItems: 1 }) }, { additionalProperties: false })])),
  marks: Type.Optional(Type.Array(Type.String(), { uniqueItems: true })),
}, { additionalProperties: false }));

function faultsOf(value: unknown): string[] {
  const faults: Fault[] = [];
  check(SCHEMA, value, [], faults);
  return faults.map(faultText);
}

test('what is left out has its default', () => {
  const faults: Fault[] = [];
  assert.deepEqual(check(SCHEMA, { name: 'a' }, [], faults), { name: 'a', level: 'info', limits: { rows: 4 } });
  assert.deepEqual(faults, []);
});

test('every fault is told, with what was expected', () => {
  assert.deepEqual(faultsOf({ nam: 'a', level: 'inof', limits: { rows: 10 }, marks: ['a', 'a'] }), [
    '"name" is missing (expected text)',
    'level: is "inof" — did you mean "info"? (expected info or warn)',
    'limits.rows: is 10 (expected an integer from 1 to 9)',
    'marks[1]: "a" stands twice',
    'nam: unknown key — did you mean "name"? (expected one of name, level, limits, way, marks)',
  ]);
});

test('nothing is converted: text is no number, 1.5 no integer, null no default', () => {
  assert.equal(faultsOf({ name: 'a', limits: { rows: '4' } }).length, 1);
  assert.equal(faultsOf({ name: 'a', limits: { rows: 1.5 } }).length, 1);
  assert.equal(faultsOf({ name: 'a', limits: null }).length, 1);
  assert.equal(faultsOf(null).length, 1);
});

test('of alternatives the one that was meant tells its faults', () => {
  assert.deepEqual(faultsOf({ name: 'a', way: { command: [] } }), ['way.command: has 0 entries (expected a list of at least 1 entry of: text)']);
});

test('names of the language are keys like others', () => {
  assert.equal(faultsOf(JSON.parse('{"name": "a", "__proto__": {}, "constructor": 1}')).length, 2);
});

test('a value is shown short', () => {
  assert.equal(shown('x'.repeat(100)).length, 58);
  assert.equal(shown([]), 'a list');
});
