import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundDepth } from '../../../../../frontend/rpc/oip/json-depth.ts';
import { WireError } from '../../../../../protos/wire.ts';

const check = (text: string) => () => boundDepth(Buffer.from(text));
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
