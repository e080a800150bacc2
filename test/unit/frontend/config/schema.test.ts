import assert from 'node:assert/strict';
import { test } from 'node:test';
import Type from 'typebox';
import { describe, inputSchema, isGroup, plain } from '../../../../frontend/config/schema.ts';

test('what fits is said with its bounds', () => {
  assert.equal(describe(plain(Type.Integer({ minimum: 1, maximum: 5 }))), 'an integer from 1 to 5');
  assert.equal(describe(plain(Type.Number({ exclusiveMinimum: 0, maximum: 5 }))), 'a number above 0, at most 5');
  assert.equal(describe(plain(Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Literal('c')]))), 'a, b or c');
  assert.equal(describe(plain(Type.Array(Type.Boolean(), { minItems: 1 }))), 'a list of at least 1 entry of: true or false');
});

test('a group stands by itself when everything that it requires has a default', () => {
  assert.ok(isGroup(plain(Type.Object({ a: Type.Integer({ default: 1 }), b: Type.Optional(Type.String()) }))));
  assert.ok(!isGroup(plain(Type.Object({ a: Type.Integer({ default: 1 }), b: Type.String() }))));
  assert.ok(!isGroup(plain(Type.Object({ b: Type.Optional(Type.String()) }))));
});

test('what may be written requires only what has no default', () => {
  const schema = Type.Object({ a: Type.Integer({ default: 1 }), b: Type.String(), c: Type.Object({ d: Type.Integer({ default: 2 }) }) });
  assert.deepEqual(inputSchema(plain(schema)).required, ['b']);
});
