import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encode, type Targets } from '../../../../bench/fuzz/message.ts';
import { scenario } from '../../../../bench/fuzz/scenario.ts';

const TARGETS: Targets = { host: '127.0.0.1:1', control: { method: 'POST', path: '/c', headers: [], body: Buffer.from('{}'), control: true } };

test('a scenario follows from seed and number alone, however large the seed', () => {
  for (const seed of [1, 1_800_000_000]) {
    assert.deepEqual(scenario(seed, 5, TARGETS), scenario(seed, 5, TARGETS));
    const bytes = new Set(Array.from({ length: 200 }, (_, i) => Buffer.concat(scenario(seed, i, TARGETS).pieces).toString('latin1')));
    assert.ok(bytes.size > 190, `only ${bytes.size} of 200 differ`);
  }
});

test('every kind comes: kept, half-closed, left and stalled connections, pipelines with control queries in them', () => {
  const all = Array.from({ length: 5000 }, (_, i) => scenario(3, i, TARGETS));
  for (const ending of ['keep', 'half-close', 'leave', 'stall']) assert.ok(all.some((each) => each.ending === ending), ending);
  assert.ok(all.some(({ expected }) => expected.length > 1 && expected.some(({ control }) => control === true)));
});

test('a well-framed message says its own length, chunked or not', () => {
  const body = Buffer.from('x'.repeat(1000));
  const message = { method: 'POST', path: '/', headers: [], body };
  assert.match(encode(() => 0.5, message, 'h', false).toString(), /^POST \/ HTTP\/1\.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nx{1000}$/);
  const chunked = encode(() => 0.5, message, 'h', true).toString();
  const chunks = [...chunked.slice(chunked.indexOf('\r\n\r\n') + 4).matchAll(/([0-9a-f]+)\r\n(x*)\r\n/g)];
  assert.ok(chunks.every(([, size = '', data = '']) => Number.parseInt(size, 16) === data.length));
  assert.equal(chunks.map(([, , data]) => data).join(''), body.toString());
});

test('runs of plain requests come whole, cut once and byte by byte; what is cut is what was there, and a lie leaves nobody sure of how many there are', () => {
  const runs = Array.from({ length: 5000 }, (_, i) => scenario(9, i, TARGETS)).filter(({ title }) => title.startsWith('a run'));
  const pieces = runs.map((each) => each.pieces.length);
  assert.ok(runs.length > 300 && pieces.includes(1) && pieces.includes(2) && pieces.some((count) => count > 100));
  for (const { title, expected, pieces: parts, ending } of runs) {
    assert.ok(parts.every(({ length }) => length > 0));
    if (title === 'a run with a lie') assert.deepEqual([expected.length, ending === 'keep'], [0, false]);
    else if (ending !== 'leave') assert.equal(Buffer.concat([...parts]).toString('latin1').match(/POST \//g)?.length, expected.length);
  }
});
