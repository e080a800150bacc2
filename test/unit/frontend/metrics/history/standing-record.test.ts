import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStanding, writeStanding } from '../../../../../frontend/metrics/history/standing-record.ts';

const NOBODY = { untilMs: 0, names: new Set() };

test('who stood until when is read as it was written', () => {
  const standing = { untilMs: 1_700_000_000_000, names: new Set(['app:a', 'model:m@1', 'broker:']) };
  assert.deepEqual(readStanding(writeStanding(standing), standing.untilMs), standing);
});

test('a record that is missing, damaged or of a time to come says nothing', () => {
  assert.deepEqual(readStanding(undefined, 5), NOBODY);
  assert.deepEqual(readStanding(writeStanding({ untilMs: 6, names: new Set(['app:a']) }), 5), NOBODY);
  for (const text of ['', '{', 'null', '[]', '{"untilMs":"1","names":[]}', '{"untilMs":1}', '{"untilMs":-1,"names":[]}', '{"untilMs":1,"names":{}}']) {
    assert.deepEqual(readStanding(Buffer.from(text), 5), NOBODY, text);
  }
  assert.deepEqual(readStanding(Buffer.from('{"untilMs":1,"names":["app:a",7,null]}'), 5), { untilMs: 1, names: new Set(['app:a']) });
});
