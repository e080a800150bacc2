import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestIds } from '../../../../../frontend/http/exchange/request-id.ts';

test('a sane id is kept', () => {
  const ids = new RequestIds('i');
  for (const id of ['a', 'f47ac10b-58cc-4372-a567-0e02b2c3d479', 'Root=1-67891233-abcdef012345678912345678', 'x'.repeat(128)]) assert.equal(ids.idFor(id), id);
});

test('anything else gets one of ours, each its own', () => {
  const ids = new RequestIds('i');
  const made = [undefined, '', 'a b', 'a\tb', '<script>', 'x'.repeat(129), 'ä', ['a', 'b']].map((given) => ids.idFor(given));
  assert.equal(new Set(made).size, made.length);
  for (const id of made) assert.match(id, /^i-[0-9a-z]+$/);
});

test('ids of ours count on, past what two digits hold', () => {
  const ids = new RequestIds('i');
  const made = Array.from({ length: 3000 }, () => ids.idFor(undefined));
  assert.deepEqual([made[0], made[1], made[1295], made[1296], made[2999]], ['i-000', 'i-001', 'i-0zz', 'i-100', 'i-2bb']);
  assert.equal(new Set(made).size, made.length);
});
