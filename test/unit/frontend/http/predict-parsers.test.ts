import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonPredictParser } from '../../../../frontend/http/predict-body/json-predict-parser.ts';
import { PredictParsers } from '../../../../frontend/http/predict-parsers.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { appView, FOUR_FLOATS } from '../../../support/http-door.ts';

const app = appView('a', FOUR_FLOATS, { sloMinMs: 1, sloMaxMs: 100 });

function setUp() {
  const slabs = new SlabArena({ poison: true });
  const parsers = new PredictParsers(slabs, 64);
  const reader = (media: 'json' | 'binary') => {
    const found = parsers.readerFor(app, media, {});
    assert.ok(found.ok && found.reader !== undefined);
    return found.reader;
  };
  return { slabs, parsers, reader };
}

test('a parser that was given back serves the next body of its kind', () => {
  const { parsers, reader } = setUp();
  const [json, binary] = [reader('json'), reader('binary')];
  assert.notEqual(reader('json'), json);
  for (const used of [json, binary]) {
    used.abort();
    parsers.giveBack(used);
  }
  assert.equal(reader('json'), json);
  assert.equal(reader('binary'), binary);
});

test('nothing of one body is left in the next', () => {
  const { parsers, reader, slabs } = setUp();
  const first = reader('json');
  first.push(Buffer.from('{"inputs":[[1,2,3,4],[1,'));
  first.abort();
  parsers.giveBack(first);
  const second = reader('json');
  second.push(Buffer.from('{"input":[3,4,5,6]}'));
  const result = second.end();
  assert.equal(result.ok && result.body.rows, 1);
  if (result.ok) for (const { slab } of result.body.columns) slabs.release(slab);
  assert.equal(slabs.usedSlabs, 0);
});

test('of an app whose inputs are not known, rows of JSON are counted, and a binary body has no reader', () => {
  const { parsers } = setUp();
  const unknown = appView('b', undefined, { sloMinMs: 1, sloMaxMs: 100 });
  const counted = parsers.readerFor(unknown, 'json', { sloMs: '50' });
  assert.ok(counted.ok && counted.reader instanceof JsonPredictParser && counted.sloMs === 50);
  counted.reader.push(Buffer.from('{"inputs":[1,[2],{"x":3}]}'));
  const result = counted.reader.end();
  assert.deepEqual(result.ok && [result.body.rows, result.body.columns], [3, []]);
  const refused = parsers.readerFor(unknown, 'json', { sloMs: 'fast' });
  assert.equal(!refused.ok && refused.failure.code, 'invalid_slo');
  assert.deepEqual(parsers.readerFor(unknown, 'binary', {}), { ok: true, reader: undefined, sloMs: undefined });
});

test('an SLO beside a JSON body is held to the bounds of the app', () => {
  const { parsers } = setUp();
  const given = parsers.readerFor(app, 'json', { sloMs: '12.5' });
  assert.equal(given.ok && given.sloMs, 12.5);
  for (const sloMs of ['0', '0.9', '101', 'fast', '-1', '']) {
    const refused = parsers.readerFor(app, 'json', { sloMs });
    assert.equal(!refused.ok && refused.failure.code, 'invalid_slo', sloMs);
  }
});
