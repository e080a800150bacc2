import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diffDesired, isUnchanged } from '../../frontend/control/desired-diff.ts';
import { flat, mergeFile } from '../../frontend/control/desired-merge.ts';
import type { DesiredState } from '../../frontend/domain/model.ts';
import { SEED, seeded } from '../support/random.ts';
import { desiredOf, makeApp, makeModel } from '../support/specs.ts';

const name = fc.constantFrom('a', 'b', 'constructor', 'd.e');
const state: fc.Arbitrary<DesiredState> = fc.record({
  models: fc.array(fc.record({ name, version: fc.integer({ min: 1, max: 2 }), replicas: fc.integer({ min: 0, max: 2 }) }), { maxLength: 5 }),
  apps: fc.array(fc.record({ name, sloMs: fc.integer({ min: 1, max: 2 }) }), { maxLength: 4 }),
  labels: fc.dictionary(name, fc.dictionary(fc.constantFrom('stable', 'canary'), fc.integer({ min: 1, max: 2 }), { minKeys: 1 }), { maxKeys: 3 }),
}).map(({ models, apps, labels }) => desiredOf(models.map(makeModel), apps.map(makeApp), labels));
const loads = fc.array(state, { minLength: 1, maxLength: 4 });

test(seeded('loading the same file again changes nothing'), () => {
  fc.assert(fc.property(state, loads, (durable, files) => {
    const merged = files.reduce(mergeFile, durable);
    const again = mergeFile(merged, files.at(-1) ?? durable);
    assert.ok(isUnchanged(diffDesired(merged, again)));
    assert.deepEqual(again.fromFile, merged.fromFile);
  }), { seed: SEED });
});

test(seeded('each name is what the last file says, or what admin left, or gone'), () => {
  fc.assert(fc.property(state, state, state, (admin, first, last) => {
    const merged = mergeFile(mergeFile(admin, first), last);
    const parts: readonly (readonly Readonly<Record<string, unknown>>[])[] = [[admin.models, first.models, last.models, merged.models], [admin.apps, first.apps, last.apps, merged.apps], [flat(admin.labels), flat(first.labels), flat(last.labels), flat(merged.labels)]];
    for (const [ofAdmin = {}, ofFirst = {}, ofLast = {}, result = {}] of parts) {
      for (const key of new Set([ofAdmin, ofFirst, ofLast, result].flatMap((record) => Object.keys(record)))) {
        const has = (record: object): boolean => Object.hasOwn(record, key);
        const expected = has(ofLast) ? ofLast[key] : has(ofFirst) || !has(ofAdmin) ? undefined : ofAdmin[key];
        assert.deepEqual(result[key], expected, key);
      }
    }
  }), { seed: SEED });
});
