import type { BatchHeader, Credit, DoneHeader, FrameKind, Hello, RowsHeader, TensorPart, Welcome } from '../wire.ts';
import { FRAME, frameBytes, packHeader, padTo8, payloadBytes, writeFrameHead } from '../wire.ts';

/** A frame in words. */
export interface GoldenFrame {
  readonly name: string;
  readonly about: string;
  readonly kind: number;
  readonly batch: number;
  readonly header: object | undefined;
  readonly tensors: readonly Uint8Array[];
  /** The header's bytes, where they are not what `packHeader` gives. */
  readonly packed?: Uint8Array;
}
/** Bytes that are no frame. */
export interface GoldenFault {
  readonly name: string;
  readonly about: string;
  readonly bytes: Uint8Array;
  /** Part of our message. */
  readonly error: string;
}

const DTYPE_OF: ReadonlyMap<unknown, TensorPart['dtype']> = new Map<unknown, TensorPart['dtype']>([
  [Int8Array, 'int8'], [Int16Array, 'int16'], [Int32Array, 'int32'], [BigInt64Array, 'int64'], [Uint8Array, 'uint8'],
  [Uint16Array, 'uint16'], [Uint32Array, 'uint32'], [BigUint64Array, 'uint64'], [Float32Array, 'float32'], [Float64Array, 'float64'],
]);

/** A tensor and its bytes. */
interface Piece {
  readonly part: TensorPart;
  readonly data: Uint8Array;
}

const WORKER: Hello = {
  wire: 1, role: 'worker', model: 'digits-mlp', version: 3, pid: 4711, token: 'a-token', kit: 'some-kit/1.2.3',
  inputs: [{ name: 'image', dtype: 'float32', shape: [8, 8] }],
  outputs: [{ name: 'label', dtype: 'int64', shape: [] }, { name: 'probabilities', dtype: 'float32', shape: [10] }],
  max_batch: 128,
  about: { framework: 'onnxruntime', threads: 1, warm: true },
};
const WELCOME: Welcome = { wire: 1, heartbeat_ms: 250, replica: 'digits-mlp@3/0' };
const X = numbers('x', [3], new Float32Array([1, -2.5, 0.1, 3, 4e-45, Infinity]));

/** Every kind, every dtype, and every shape that a header takes. */
export const GOLDEN_FRAMES: readonly GoldenFrame[] = [
  control('hello-worker', 'The first frame of a container, with all keys but those of a listening one.', FRAME.hello, WORKER),
  control('hello-watchdog', 'The first frame of the watchdog connection.', FRAME.hello, { wire: 1, role: 'watchdog', model: 'digits-mlp', version: 3, pid: 4711, token: 'a-token' } satisfies Hello),
  control('hello-listening', 'A container that listens: no token, and where its watchdog listens; ragged text rows in.', FRAME.hello, {
    wire: 1, role: 'worker', model: 'words', version: 1, pid: 9, inputs: [{ name: 'text', dtype: 'bytes', shape: [-1], ragged: true }], watchdog: 'tcp://:45123',
  } satisfies Hello),
  control('welcome', 'The broker accepts.', FRAME.welcome, WELCOME),
  control('welcome-sharing', 'The broker offers memory for large batches.', FRAME.welcome, { ...WELCOME, shared: { path: '/proc/17/fd/23', bytes: 16_781_312, token: '5f0d' } } satisfies Welcome),
  control('credit', 'One more batch may be sent.', FRAME.credit, { n: 1 }),
  control('credit-sharing', 'The first credit of a container that has opened the memory which it was offered.', FRAME.credit, { n: 2, shared: true } satisfies Credit),
  control('heartbeat', 'Empty: the prefix alone, no header.', FRAME.heartbeat, undefined),
  control('cancel', 'Rows 0 and 2 of batch 7 are no longer wanted.', FRAME.cancel, { rows: [0, 2] }, 7),
  control('drain', 'Answer what you have, then end.', FRAME.drain, undefined),
  control('goodbye', 'This side closes.', FRAME.goodbye, { code: 'drained', message: 'every batch was answered' }),
  batch('batch-float32', 'Two rows of one input; all outputs are wanted.', 2, [X]),
  batch('batch-all-keys', 'Every key of the header, those reserved for later too.', 2, [X], {
    outputs: ['label'], signature: 'serving_default', params: { temperature: 0.5, beams: 4 }, sequence: { id: 12, start: true, end: false },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  }),
  batch('batch-integers', 'Several inputs, each beginning at a multiple of 8: the gaps are zero and not counted in `bytes`.', 2, [
    numbers('bool', [3], new Uint8Array([1, 0, 1, 0, 0, 1]), 'bool'),
    numbers('int8', [1], new Int8Array([-128, 127])),
    numbers('int16', [1], new Int16Array([-32_768, 32_767])),
    numbers('int32', [1], new Int32Array([-2_147_483_648, 2_147_483_647])),
    numbers('int64', [1], new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n])),
    numbers('uint8', [3], new Uint8Array([0, 1, 2, 253, 254, 255])),
    numbers('uint16', [1], new Uint16Array([0, 65_535])),
    numbers('uint32', [1], new Uint32Array([0, 4_294_967_295])),
    numbers('uint64', [1], new BigUint64Array([0n, 2n ** 64n - 1n])),
  ]),
  batch('batch-floats', 'float16 [1, -2, 65504, 2^-24], bfloat16 [1, -2, 3.140625, infinity], float64 [0.1, -0].', 2, [
    numbers('float16', [2], new Uint16Array([0x3c00, 0xc000, 0x7bff, 0x0001]), 'float16'),
    numbers('bfloat16', [2], new Uint16Array([0x3f80, 0xc000, 0x4049, 0x7f80]), 'bfloat16'),
    numbers('float64', [], new Float64Array([0.1, -0])),
  ]),
  batch('batch-bytes', 'dtype bytes, two elements a row: each a u32 length, then its bytes. `lengths` are the bytes of each row.', 2, [texts('text', [2], [['a', 'é'], ['', 'tradewind']])]),
  batch('batch-ragged', 'Rows of different length: `shape` is the signature\'s, `shapes` and `lengths` say what each row is.', 3, [
    { part: { name: 'tokens', dtype: 'int64', shape: [-1], bytes: 32, lengths: [16, 0, 16], shapes: [[2], [0], [2]] }, data: new Uint8Array(new BigInt64Array([11n, 12n, 31n, 32n]).buffer) },
  ]),
  batch('batch-empty-rows', 'Rows without elements: a payload of 0 bytes.', 2, [numbers('x', [0], new Float32Array(0))]),
  control('shared-batch', 'The payload of `batch-float32`, 4096 bytes into the shared memory; the frame itself has none.', FRAME.batch, {
    rows: 2, budget_us: 18_500, inputs: [X.part], shared: 4096,
  } satisfies BatchHeader, 7),
  rows('rows', 'Both rows of batch 7, two outputs.', { at: [0, 1] }, [numbers('label', [], new BigInt64Array([4n, 9n])), numbers('probabilities', [2], new Float32Array([0.25, 0.75, 1, 0]))]),
  rows('rows-some', 'Rows may come in several frames and in any order.', { at: [5, 2] }, [numbers('label', [], new BigInt64Array([1n, 0n]))]),
  rows('rows-errors', 'Row 0 is answered, row 1 has failed.', { at: [0] }, [numbers('y', [], new Float32Array([1.5]))], [{ row: 1, code: 'bad_input', message: 'the text is not UTF-8' }]),
  rows('rows-only-errors', 'Nothing but errors: no outputs, no payload.', { at: [] }, [], [{ row: 0, code: 'model_error', message: 'no' }]),
  rows('rows-bytes', 'Outputs of dtype bytes.', { at: [0, 1] }, [texts('word', [], [['yes'], ['nö']])]),
  control('done', 'Batch 7 is done after 1.5 ms of computing, and gives its credit back.', FRAME.done, { compute_us: 1500, credit: 1 } satisfies DoneHeader, 7),
  control('done-error', 'The whole batch has failed.', FRAME.done, { compute_us: 12, credit: 1, error: { code: 'model_error', message: 'out of memory' } } satisfies DoneHeader, 7),
  control('unknown-key', 'A key of a later version: readers leave it aside.', FRAME.credit, { n: 2, colour: 'blue', nested: { a: [1, null, true] } }),
  control('unknown-kind', 'A frame kind of a later version: readers leave it aside.', 200, { anything: 1 }),
  {
    ...control('other-encodings', 'The same header as `credit` in other msgpack forms: fixmap, str8, n as a uint64. Readers take every form of a value.', FRAME.credit, { n: 1 }),
    packed: Uint8Array.from([0x81, 0xd9, 0x01, 0x6e, 0xcf, 0, 0, 0, 0, 0, 0, 0, 1]),
  },
  {
    ...control('float-integers', 'An integer may come as a float: {"n": 1.0}.', FRAME.credit, { n: 1 }),
    packed: Uint8Array.from([0x81, 0xa1, 0x6e, 0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0]),
  },
];

const PREFIX = [0x54, 0x57, 1, FRAME.heartbeat, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/** Each ends the connection that it comes on, and nothing else. */
export const GOLDEN_FAULTS: readonly GoldenFault[] = [
  { name: 'bad-magic', about: 'Does not begin with "TW".', bytes: with8(PREFIX, 0, 0x47), error: 'does not begin with "TW"' },
  { name: 'bad-version', about: 'Wire version 2.', bytes: with8(PREFIX, 2, 2), error: 'wire version 2' },
  { name: 'header-too-long', about: 'A header of 2 GiB.', bytes: with8(PREFIX, 7, 0x80), error: 'header of 2147483648 bytes' },
  { name: 'payload-too-long', about: 'A payload of 2 GiB.', bytes: with8(PREFIX, 11, 0x80), error: 'payload of 2147483648 bytes' },
  { name: 'header-not-msgpack', about: 'A header of eight bytes that ends inside a text.', bytes: Uint8Array.from([...with8(PREFIX, 4, 8), 0xdb, 0xff, 0, 0, 0, 0x61, 0x62, 0x63]), error: 'not msgpack' },
];

/** The frame's bytes. */
export function goldenBytes(frame: GoldenFrame): Buffer {
  const header = frame.packed ?? (frame.header === undefined ? undefined : packHeader(frame.header));
  const payload = payloadBytes(frame.tensors.map(({ length }) => ({ bytes: length })));
  const bytes = Buffer.alloc(frameBytes(header?.length ?? 0, payload));
  const start = writeFrameHead(bytes, frame.kind as FrameKind, frame.batch, header, payload);
  let end = 0;
  for (const tensor of frame.tensors) {
    bytes.set(tensor, start + padTo8(end));
    end = padTo8(end) + tensor.length;
  }
  return bytes;
}

function control(name: string, about: string, kind: number, header: object | undefined, batchId = 0): GoldenFrame {
  return { name, about, kind, batch: batchId, header, tensors: [] };
}

function batch(name: string, about: string, count: number, inputs: readonly Piece[], more: Partial<BatchHeader> = {}): GoldenFrame {
  const header: BatchHeader = { rows: count, budget_us: 18_500, inputs: inputs.map(({ part }) => part), ...more };
  return { name, about, kind: FRAME.batch, batch: 7, header, tensors: inputs.map(({ data }) => data) };
}

function rows(name: string, about: string, at: { at: readonly number[] }, outputs: readonly Piece[], errors?: RowsHeader['errors']): GoldenFrame {
  const header: RowsHeader = { ...at, ...(outputs.length > 0 && { outputs: outputs.map(({ part }) => part) }), ...(errors && { errors }) };
  return { name, about, kind: FRAME.rows, batch: 7, header, tensors: outputs.map(({ data }) => data) };
}

function numbers(name: string, shape: readonly number[], data: NodeJS.TypedArray, dtype?: TensorPart['dtype']): Piece {
  const word = dtype ?? DTYPE_OF.get(data.constructor);
  if (word === undefined) throw new TypeError(`${data.constructor.name} has no dtype`);
  return { part: { name, dtype: word, shape, bytes: data.byteLength }, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

function texts(name: string, shape: readonly number[], lines: readonly (readonly string[])[]): Piece {
  const packed = lines.map((line) => Buffer.concat(line.map((text) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(text));
    return Buffer.concat([length, Buffer.from(text)]);
  })));
  const data = Buffer.concat(packed);
  return { part: { name, dtype: 'bytes', shape, bytes: data.length, lengths: packed.map(({ length }) => length) }, data };
}

function with8(bytes: readonly number[], at: number, value: number): Uint8Array {
  return Uint8Array.from(bytes.with(at, value));
}
