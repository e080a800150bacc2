import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBatch, parseCancel, parseCredit, parseDone, parseGoodbye, parseHello, parseRows, parseTensorSpec, parseWelcome } from '../../../protos/parse-headers.ts';
import { WireError } from '../../../protos/wire.ts';

const HELLO = { wire: 1, role: 'worker', model: 'm', version: 1, pid: 7 };
const PART = { name: 'x', dtype: 'float32', shape: [2], bytes: 16 };
const BATCH = { rows: 2, budget_us: 5, inputs: [PART] };

function refuses(parse: () => unknown, message: RegExp): void {
  assert.throws(parse, (error: Error) => error instanceof WireError && message.test(error.message));
}

test('nil stands for a key that is not there, unknown keys go', () => {
  assert.deepEqual(parseHello({ ...HELLO, token: null, colour: 'blue' }), HELLO);
});

test('a hello with a wrong key is refused, and the key is named', () => {
  refuses(() => parseHello(undefined), /hello is not a map/);
  refuses(() => parseHello([]), /hello is not a map/);
  refuses(() => parseHello({ ...HELLO, role: 'boss' }), /hello\.role/);
  refuses(() => parseHello({ ...HELLO, model: '' }), /hello\.model/);
  refuses(() => parseHello({ ...HELLO, model: 'x'.repeat(257) }), /hello\.model/);
  refuses(() => parseHello({ ...HELLO, version: 0 }), /hello\.version/);
  refuses(() => parseHello({ ...HELLO, version: 1.5 }), /hello\.version/);
  refuses(() => parseHello({ ...HELLO, inputs: [{ name: 'x', dtype: 'FP32', shape: [] }] }), /hello\.inputs\[\]\.dtype is no dtype; expected bool, int8, .*float32, .*bytes$/);
  refuses(() => parseHello({ ...HELLO, inputs: Array.from({ length: 1025 }, () => ({ name: 'x', dtype: 'bool', shape: [] })) }), /hello\.inputs/);
  refuses(() => parseHello({ ...HELLO, max_batch: 0 }), /hello\.max_batch/);
});

test('facts of other types are left out', () => {
  assert.deepEqual(parseHello({ ...HELLO, about: { a: 1, b: 'x', c: true, d: [1], e: null } }).about, { a: 1, b: 'x', c: true });
});

test('a shape has at most 32 axes, extents of at least -1', () => {
  assert.deepEqual(parseTensorSpec({ name: 'x', dtype: 'int8', shape: [-1, 0], ragged: true }), { name: 'x', dtype: 'int8', shape: [-1, 0], ragged: true });
  refuses(() => parseTensorSpec({ name: 'x', dtype: 'int8', shape: [-2] }), /shape/);
  refuses(() => parseTensorSpec({ name: 'x', dtype: 'int8', shape: new Array(33).fill(1) }), /shape/);
  refuses(() => parseTensorSpec({ name: 'x', dtype: 'int8', shape: [], ragged: 1 }), /ragged/);
});

test('the parts of a batch fill its payload to the byte', () => {
  assert.deepEqual(parseBatch(BATCH, 16), BATCH);
  refuses(() => parseBatch(BATCH, 24), /does not describe the 24 bytes/);
  refuses(() => parseBatch({ ...BATCH, rows: 3 }, 16), /3 rows of 8 bytes are not 16/);
  refuses(() => parseBatch({ ...BATCH, rows: 0 }, 16), /batch\.rows/);
  refuses(() => parseBatch({ ...BATCH, rows: 2 ** 40, inputs: [{ ...PART, shape: [0], bytes: 0 }] }, 0), /batch\.rows/);
  refuses(() => parseBatch({ ...BATCH, budget_us: Number.NaN }, 16), /budget_us/);
  refuses(() => parseBatch({ ...BATCH, inputs: [{ ...PART, shape: [-1] }] }, 16), /-1/);
  // Sums that would wrap around in 32 bits.
  refuses(() => parseBatch({ ...BATCH, rows: 1, inputs: Array.from({ length: 17 }, () => ({ ...PART, dtype: 'uint8', shape: [2 ** 28], bytes: 2 ** 28 })) }, 2 ** 28), /does not describe/);
});

test('rows that differ say the length and shape of each, and they agree', () => {
  const ragged = { name: 'x', dtype: 'int16', shape: [-1], bytes: 6, lengths: [2, 4], shapes: [[1], [2]] };
  assert.deepEqual(parseBatch({ ...BATCH, inputs: [ragged] }, 6).inputs, [ragged]);
  const { lengths: _, ...noLengths } = ragged;
  refuses(() => parseBatch({ ...BATCH, inputs: [noLengths] }, 6), /lengths is missing/);
  refuses(() => parseBatch({ ...BATCH, inputs: [{ ...ragged, lengths: [4, 2] }] }, 6), /does not fit the row's shape/);
  refuses(() => parseBatch({ ...BATCH, inputs: [{ ...ragged, lengths: [2] }] }, 6), /1 entries for 2 rows/);
  refuses(() => parseBatch({ ...BATCH, inputs: [{ ...ragged, shapes: [[1], [2], [3]] }] }, 6), /shapes/);
  refuses(() => parseBatch({ ...BATCH, inputs: [{ name: 'x', dtype: 'bytes', shape: [], bytes: 8 }] }, 8), /lengths is missing/);
  refuses(() => parseBatch({ ...BATCH, inputs: [{ name: 'x', dtype: 'bytes', shape: [], bytes: 8, lengths: [4, 5] }] }, 8), /add up to 9, not 8/);
});

test('a row of a batch is answered or fails, once', () => {
  const out = { name: 'y', dtype: 'uint8', shape: [], bytes: 2 };
  assert.deepEqual(parseRows({ at: [1, 0], outputs: [out] }, 2, 2), { at: [1, 0], outputs: [out] });
  refuses(() => parseRows({ at: [0, 0], outputs: [out] }, 2, 2), /occurs twice/);
  refuses(() => parseRows({ at: [2, 0], outputs: [out] }, 2, 2), /from 0 to 1/);
  refuses(() => parseRows({ at: [0], errors: [{ row: 1, code: 'x', message: '' }] }, 0, 2), /outputs is missing/);
  refuses(() => parseRows({ at: [0, 1], outputs: [out], errors: [{ row: 1, code: 'x', message: '' }] }, 2, 2), /row 1 occurs twice/);
  refuses(() => parseRows({ at: [], errors: [{ row: 2, code: 'x', message: '' }] }, 0, 2), /from 0 to 1/);
  refuses(() => parseRows({ at: [] }, 8, 2), /outputs is missing/);
});

test('small headers', () => {
  refuses(() => parseCredit({ n: 0 }), /credit\.n/);
  refuses(() => parseWelcome({ wire: 1, heartbeat_ms: 0, replica: 'r' }), /heartbeat_ms/);
  refuses(() => parseDone({ compute_us: -1 }), /compute_us/);
  refuses(() => parseDone({ compute_us: 1, error: { code: 'x' } }), /done\.error\.message/);
  assert.equal(parseDone({ compute_us: 1, error: { code: 'x', message: 'y'.repeat(5000) } }).error?.message.length, 4096);
  refuses(() => parseCancel({ rows: [2] }, 2), /cancel\.rows/);
  assert.deepEqual(parseGoodbye(7), { code: 'unknown', message: '' });
});

test('a batch in shared memory has no payload of its own, and lies in what there is', () => {
  const shared = { ...BATCH, shared: 4096 };
  assert.deepEqual(parseBatch(shared, 0, 4112), shared);
  refuses(() => parseBatch(shared, 16, 4112), /shared is given, and the payload has 16 bytes/);
  refuses(() => parseBatch(shared, 0, 4111), /takes 16 bytes; the shared memory has 15/);
  refuses(() => parseBatch(shared, 0, 4095), /batch\.shared/);
  refuses(() => parseBatch(shared, 0), /batch\.shared/);
  refuses(() => parseBatch({ ...shared, shared: -8 }, 0, 4112), /batch\.shared/);
  refuses(() => parseBatch({ ...shared, inputs: [{ ...PART, bytes: 8 }] }, 0, 4112), /2 rows of 8 bytes are not 8/);
});

test('memory that is offered has a path, a size and a token', () => {
  const welcome = { wire: 1, heartbeat_ms: 5, replica: 'r', shared: { path: '/proc/1/fd/2', bytes: 4096, token: 'x' } };
  assert.deepEqual(parseWelcome(welcome), welcome);
  for (const wrong of [[], 'x', {}, { ...welcome.shared, bytes: 0 }, { ...welcome.shared, token: '' }, { ...welcome.shared, path: 'x'.repeat(4097) }]) {
    refuses(() => parseWelcome({ ...welcome, shared: wrong }), /welcome\.shared/);
  }
  assert.deepEqual(parseCredit({ n: 1, shared: 'yes' }), { n: 1 }, 'only true says that it was opened');
});
