import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionsOf } from '../../../../frontend/config/environment.ts';
import { APP, FILE, MODEL, SETTINGS } from '../../../../frontend/config/options.ts';
import { check } from '../../../../frontend/config/check.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';

test('every option has a description, and a default that fits it', () => {
  for (const { path, schema } of [SETTINGS, MODEL, APP].flatMap((table) => optionsOf(plain(table)))) {
    assert.ok((schema.description ?? '') !== '', path.join('.'));
    const faults: Fault[] = [];
    if (schema.default !== undefined) check(schema, schema.default, path, faults);
    assert.deepEqual(faults, []);
  }
});

test('an empty file is a whole configuration', () => {
  const faults: Fault[] = [];
  const file = check(plain(FILE), {}, [], faults) as { models: unknown; listen: { http: string } };
  assert.deepEqual(faults, []);
  assert.deepEqual(file.models, []);
  assert.equal(file.listen.http, '127.0.0.1:8000');
});
