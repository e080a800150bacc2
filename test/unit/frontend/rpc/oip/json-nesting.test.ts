import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundNesting } from '../../../../../frontend/rpc/oip/json-nesting.ts';
import { WireError } from '../../../../../protos/wire.ts';

const check = (text: string) => () => boundNesting(Buffer.from(text));
const nested = (depth: number, [open, close]: readonly [string, string]): string => open.repeat(depth) + close.repeat(depth);

test('brackets are counted as far as they stand inside one another, and not in strings', () => {
  for (const pair of [['[', ']'], ['{"a":', '}']] as const) {
    assert.doesNotThrow(check(nested(64, pair)));
    assert.throws(check(nested(65, pair)), WireError);
  }
  assert.doesNotThrow(check(`[${'[],{},'.repeat(1000)}1]`));
  assert.doesNotThrow(check(`["${'['.repeat(100)}","\\"${'['.repeat(100)}","\\\\"]`));
  assert.throws(check(`["\\\\",${nested(64, ['[', ']'])}]`), WireError);
  assert.doesNotThrow(check(''));
  assert.doesNotThrow(check('"open'));
});

test('brackets beside one another are counted too', () => {
  const beside = (count: number, pair: string): string => `[${Array.from({ length: count - 1 }, () => pair).join()}]`;
  for (const pair of ['[]', '[1]', '{}']) {
    assert.doesNotThrow(check(beside(1 << 18, pair)));
    assert.throws(check(beside((1 << 18) + 1, pair)), /more than 262144 arrays and objects/);
  }
});
