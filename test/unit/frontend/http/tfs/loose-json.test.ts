import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { looseJson, type LooseJson } from '../../../../../frontend/http/tfs/loose-json.ts';
import { SEED, seeded } from '../../../../support/random.ts';

function plain(value: LooseJson): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null && 'number' in value ? Number(value.number) : value;
}
function read(text: string | Buffer): unknown {
  const result = looseJson(Buffer.from(text), 8);
  return result.ok ? plain(result.value) : result.message;
}

test(seeded('it reads what JSON.parse reads'), () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), fc.boolean(), (value, spread) => {
    assert.deepEqual(read(JSON.stringify(value, undefined, spread ? 2 : undefined)), JSON.parse(JSON.stringify(value)));
  }), { seed: SEED, numRuns: 500 });
});

test('numbers keep how they were written; some need not be finite', () => {
  const result = looseJson(Buffer.from('[1, 1.0, -1e3, NaN, -Infinity, Inf, 9007199254740993] and what follows'), 8);
  assert.deepEqual(result, { ok: true, value: ['1', '1.0', '-1e3', 'NaN', '-Infinity', 'Inf', '9007199254740993'].map((number) => ({ number })) });
});

test('what is no JSON is said with its place', () => {
  assert.equal(read(''), 'JSON Parse error: The document is empty');
  assert.equal(read(Buffer.of(0xff)), 'JSON Parse error: The document is not UTF-8');
  for (const text of ['[', '[1', '[1,]', '[01]', '[1.]', '[+1]', '{', '{"a"}', '{"a":}', '{"a":1,}', '{1:2}', 'nul', '"a', '"\n"', '"\\x"', '[1 2]', '{"a":1 "b":2}', ']', ',', 'Infinityx', '{"a":1,"a":2}']) {
    assert.match(String(read(text)), /^JSON Parse error: /, text);
  }
  assert.match(String(read('[[[[[[[[[1]]]]]]]]]')), /More than 8 levels/);
});

test('a long string and a long list cost no more than their length', () => {
  assert.equal((read(JSON.stringify('a\\'.repeat(1e6))) as string).length, 2e6);
  assert.match(String(read(`"${'a'.repeat(1e6)}`)), /Missing a closing quotation mark/);
});
