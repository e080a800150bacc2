import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import Value from 'typebox/value';
import { check } from '../../frontend/config/check.ts';
import { APP, FILE, MODEL } from '../../frontend/config/options.ts';
import { inputSchema, plain } from '../../frontend/config/schema.ts';
import type { Schema } from '../../frontend/config/schema.ts';
import type { Fault } from '../../frontend/domain/fault.ts';
import { SEED, seeded } from '../support/random.ts';

const leaf = fc.oneof(
  fc.constantFrom<unknown>('m', 'onnx', 'synthetic', 'float32', 'stable', 'A', '', 'm@1', '127.0.0.1:1', null, true, -1, 0, 1, 1.5, 20, 1e9),
  fc.string({ maxLength: 5 }),
);

/** Values that often fit the schema: right keys, bounds and words, with something wrong here and there. */
function near(schema: Schema): fc.Arbitrary<unknown> {
  const fitting = (): fc.Arbitrary<unknown> => {
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(near));
    switch (schema.type) {
      case 'integer': return fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 100 });
      case 'number': return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 100, noNaN: true });
      case 'boolean': return fc.boolean();
      case 'string': return schema.pattern === undefined ? fc.string({ minLength: schema.minLength ?? 0, maxLength: 5 }) : fc.stringMatching(new RegExp(schema.pattern, 'u'), { size: '-1' });
      case 'array': return fc.array(near(schema.items ?? {}), { minLength: schema.minItems ?? 0, maxLength: (schema.minItems ?? 0) + 2 });
      case 'object': {
        const properties = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, property]) => [key, near(property)]));
        const required = inputSchema(schema).required ?? [];
        return fc.record(properties, { requiredKeys: required.filter((key) => key in properties) });
      }
      default: return leaf;
    }
  };
  const wrongKey = fitting().map((value) => (typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, nmae: 1 } : value));
  return fc.oneof({ weight: 150, arbitrary: fitting() }, { weight: 1, arbitrary: leaf }, { weight: 1, arbitrary: wrongKey });
}

for (const [title, schema] of [['file', FILE], ['model', MODEL], ['app', APP]] as const) {
  test(seeded(`what is taken as ${title} is what JSON Schema takes, and its completion is complete`), () => {
    const written = inputSchema(plain(schema));
    let taken = 0;
    fc.assert(fc.property(near(plain(schema)), (value) => {
      const faults: Fault[] = [];
      const completed = check(plain(schema), value, [], faults);
      assert.equal(faults.length === 0, Value.Check(written, value), JSON.stringify(faults));
      if (faults.length > 0) return;
      taken++;
      assert.ok(Value.Check(schema, completed));
      assert.deepEqual(check(plain(schema), completed, [], []), completed);
    }), { seed: SEED, numRuns: title === 'file' ? 200 : 1000 });
    assert.ok(taken > 10, `only ${taken} values were taken: the test would show little`);
  });
}
