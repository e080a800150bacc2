import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TfsParsers } from '../../../../../frontend/http/tfs/parsers.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import { appView, FOUR_FLOATS } from '../../../../support/http-door.ts';

test('a parser that was given back serves again, for whatever model', () => {
  const slabs = new SlabArena({ poison: true });
  const parsers = new TfsParsers(slabs);
  const counting = parsers.take(appView('m', undefined));
  counting.push(Buffer.from('{"instances":[1,2]}'));
  const counted = counting.end();
  assert.ok(counted.ok && counted.body.rows === 2);
  parsers.giveBack(counting);
  const first = parsers.take(appView('m', FOUR_FLOATS));
  first.push(Buffer.from('{"instances":[[1,2'));
  first.abort();
  parsers.giveBack(first);
  assert.equal(slabs.usedSlabs, 0);
  const again = parsers.take(appView('n', [{ name: 'y', dtype: 'int32', shape: [] }]));
  assert.equal(again, first);
  again.push(Buffer.from('{"instances":[7]}'));
  const result = again.end();
  assert.ok(result.ok && result.body.columns !== undefined && result.body.batchKey === '"y":int32[]');
  for (const { slab } of result.body.columns) slabs.release(slab);
});
