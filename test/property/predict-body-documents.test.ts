import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson, plainBody, slabs, targetFor } from '../support/parse-body.ts';
import { documents } from '../support/predict-documents.ts';
import { SEED, seeded } from '../support/random.ts';
import { referenceBody } from '../support/reference-predict-body.ts';

/** Characters that matter to JSON, and some that never may. */
const noise = fc.oneof(fc.constantFrom(...Array.from('{}[]:,"\\-+.0123456789eEtrufalsnNI \n')), fc.constantFrom('\u0000', '\u001f', 'é', '1e999', 'NaN', '[[', '"b64"'));

test(seeded('a document means what the reference says, however it is cut'), () => {
  let accepted = 0;
  fc.assert(fc.property(documents, fc.array(fc.nat(400), { maxLength: 12 }), ({ inputs, text }, cuts) => {
    const expected = referenceBody(Buffer.from(text), inputs);
    const target = targetFor(inputs);
    for (const at of [[], cuts, Array.from(text, (_, i) => i)]) {
      const result = parseJson(target, text, at);
      assert.equal(result.ok, expected !== undefined, result.ok ? text : `${text}: ${JSON.stringify(result.failure)}`);
      if (result.ok) assert.deepEqual(plainBody(result.body), expected, text);
    }
    if (expected !== undefined) accepted++;
  }), { seed: SEED, numRuns: 1500 });
  assert.ok(accepted > 500, `only ${accepted} documents were accepted`);
  assert.equal(slabs.usedSlabs, 0);
});

test(seeded('a mutated document is taken or refused as the reference says, and one refusal is the same however it is cut'), () => {
  const mutations = fc.array(fc.record({ at: fc.nat(1000), drop: fc.nat(3), insert: fc.oneof(fc.constant(''), noise) }), { minLength: 1, maxLength: 3 });
  let refused = 0;
  fc.assert(fc.property(documents, mutations, fc.array(fc.nat(400), { maxLength: 8 }), ({ inputs, text }, changes, cuts) => {
    let changed = text;
    for (const { at, drop, insert } of changes) {
      const from = at % (changed.length + 1);
      changed = changed.slice(0, from) + insert + changed.slice(from + drop);
    }
    const target = targetFor(inputs);
    const expected = referenceBody(Buffer.from(changed), inputs);
    const whole = parseJson(target, changed);
    const pieces = parseJson(target, changed, cuts);
    assert.equal(whole.ok, expected !== undefined, whole.ok ? changed : `${changed}: ${JSON.stringify(whole.failure)}`);
    if (!whole.ok) refused++;
    assert.deepEqual(pieces.ok ? plainBody(pieces.body) : pieces.failure, whole.ok ? plainBody(whole.body) : whole.failure, changed);
  }), { seed: SEED, numRuns: 3000 });
  assert.ok(refused > 500, `only ${refused} documents were refused`);
  assert.equal(slabs.usedSlabs, 0);
});

test(seeded('bytes that are not text are refused or read as the reference does'), () => {
  fc.assert(fc.property(documents, fc.nat(1000), fc.integer({ min: 128, max: 255 }), ({ inputs, text }, at, byte) => {
    const bytes = Buffer.from(text);
    bytes[at % bytes.length] = byte;
    const expected = referenceBody(bytes, inputs);
    const result = parseJson(targetFor(inputs), bytes);
    assert.equal(result.ok, expected !== undefined, bytes.toString());
    if (result.ok) assert.deepEqual(plainBody(result.body), expected);
  }), { seed: SEED, numRuns: 1500 });
});
