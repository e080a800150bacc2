import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionsOf } from '../../../../frontend/config/environment.ts';
import { APP, FILE, MODEL, SETTINGS, STEERING_BODY } from '../../../../frontend/config/options.ts';
import { check } from '../../../../frontend/config/check.ts';
import { plain, type Schema } from '../../../../frontend/config/schema.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';

test('every option has a description, and a default that fits it', () => {
  for (const { path, schema } of [SETTINGS, MODEL, APP].flatMap((table) => optionsOf(plain(table)))) {
    assert.ok((schema.description ?? '') !== '', path.join('.'));
    const faults: Fault[] = [];
    if (schema.default !== undefined) check(schema, schema.default, path, faults);
    assert.deepEqual(faults, []);
  }
});

test('no option says by a keyword that nobody checks what it takes', () => {
  const known = new Set(['type', 'const', 'anyOf', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum', 'items', 'minItems', 'maxItems', 'uniqueItems', 'properties', 'required', 'additionalProperties', 'maxProperties', 'default', 'description', 'expected']);
  const strangers: string[] = [];
  const visit = (schema: Schema, at: string): void => {
    const { properties = {}, items, anyOf = [], additionalProperties } = schema;
    // Any JSON at all under any name: there is nothing to check in it.
    const isFree = JSON.stringify((schema as { patternProperties?: unknown }).patternProperties) === '{"^.*$":{}}';
    for (const keyword of Object.keys(schema)) if (!known.has(keyword) && !(isFree && keyword === 'patternProperties')) strangers.push(`${at}: ${keyword}`);
    for (const [name, property] of Object.entries(properties)) visit(property, `${at}.${name}`);
    for (const inner of [...anyOf, ...(items === undefined ? [] : [items]), ...(typeof additionalProperties === 'object' ? [additionalProperties] : [])]) visit(inner, at);
  };
  visit(plain(FILE), 'file');
  visit(plain(STEERING_BODY), 'steering');
  assert.deepEqual(strangers, []);
});

test('an empty file is a whole configuration', () => {
  const faults: Fault[] = [];
  const file = check(plain(FILE), {}, [], faults) as { models: unknown; listen: { http: string } };
  assert.deepEqual(faults, []);
  assert.deepEqual(file.models, []);
  assert.equal(file.listen.http, '127.0.0.1:8000');
});
