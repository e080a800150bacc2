/**
 * A container written from protos/wire.ts alone that keeps the whole contract and echoes, but for one departure, which
 * TRADEWIND_OPTIONS names: `{"departs": "no-credit-back"}`. For tests of the command that is to find it out.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { parseBatch, parseWelcome } from '../../../protos/parse-headers.ts';
import type { BatchHeader, Frame, TensorPart, TensorSpec } from '../../../protos/wire.ts';
import { FRAME, FrameReader, WireError, controlFrame, frameBytes, packHeader, padTo8, payloadBytes, writeFrameHead } from '../../../protos/wire.ts';

const env = process.env;
const { departs } = JSON.parse(env['TRADEWIND_OPTIONS'] ?? '{}') as { departs?: string };
const token = readFileSync(Number(env['TRADEWIND_TOKEN_FD']), 'utf8');
const owned = env['TRADEWIND_OWNED'] === '1';
const path = (env['TRADEWIND_CONNECT'] ?? '').slice('unix:'.length);
const inputs: readonly TensorSpec[] = [
  { name: 'x', dtype: 'float32', shape: [2] }, { name: 'words', dtype: 'bytes', shape: [1] }, { name: 'r', dtype: 'float32', shape: [-1], ragged: true },
];
const WELCOME_MS = 2000;
const CREDITS = 2;
const FROM_CONTAINERS: readonly number[] = [FRAME.hello, FRAME.credit, FRAME.rows, FRAME.done];
const KEYS = ['rows', 'budget_us', 'inputs', 'shared', 'outputs', 'params', 'traceparent'];

interface Work { readonly id: number; readonly header: BatchHeader; readonly payload: Buffer; readonly cancelled: number[] }
/** Memory that the broker shares with it. */
let shared: { readonly path: string; readonly bytes: number } | undefined;
let credits = 0;
let batches = 0;
let isLeaving = false;
let farewell = 'drained';
let isStaying = false;
const underWay = new Map<number, Work>();

function stay(): void {
  isStaying = true;
  setInterval(() => {}, 1000);
}

function hello(role: 'worker' | 'watchdog'): object {
  const pid = departs === 'another-pid' && role === 'watchdog' ? 1 : process.pid;
  return {
    wire: 1, role, pid, model: env['TRADEWIND_MODEL'],
    version: departs === 'another-version' && role === 'worker' ? 1 : Number(env['TRADEWIND_VERSION']),
    token: departs === 'half-a-token' && role === 'worker' ? token.slice(0, 8) : token,
    ...(role === 'worker' && { inputs, outputs: inputs, max_batch: 300 }),
  };
}

function dialWorker(): void {
  const worker = connect(path, () => worker.write(controlFrame(FRAME.hello, hello('worker'))));
  let isOver = false;
  const silence = setTimeout(() => process.exit(1), departs === 'waits-for-ever' ? 60_000 : WELCOME_MS);
  const fail = (error: Error): void => {
    if (departs === 'no-goodbye' && /begin with/u.test(error.message)) return process.exit(1);
    if (departs === 'waits-for-length' && /payload of/u.test(error.message)) return;
    const code = departs === 'another-word' && /msgpack/u.test(error.message) ? 'oops' : 'protocol_error';
    // It stays to read what else comes until the other side has closed too: a write that fails there would take the goodbye along.
    isOver = true;
    worker.end(controlFrame(FRAME.goodbye, { code, message: error.message }));
  };
  const reader = new FrameReader((frame) => {
    if (frame.kind === FRAME.welcome) clearTimeout(silence);
    onFrame(worker, frame);
  });
  worker.on('data', (chunk: Buffer) => {
    if (isOver) return;
    try {
      if (departs === 'one-read-one-frame' && chunk.length < 16) throw new WireError('half a prefix');
      if (departs === 'narrow-msgpack' && chunk[3] === FRAME.batch && chunk[16] === 0xdf) throw new WireError('a map32');
      if (departs === 'any-version' && chunk[2] === 2) chunk[2] = 1;
      reader.push(chunk);
    } catch (error) {
      fail(error as Error);
    }
  });
  worker.on('error', (error) => { if (departs !== 'no-words') process.stderr.write(`${error.message}\n`); });
  worker.on('close', () => {
    clearTimeout(silence);
    if (isLeaving) process.exit(0);
    if (departs === 'outlives-its-broker' && batches > 0) stay();
    if (isStaying) return;
    if (owned || departs === 'never-dials-again') process.exit(1);
    setTimeout(dialWorker, 20);
  });
  process.removeAllListeners('SIGTERM');
  process.once('SIGTERM', () => { if (departs !== 'ignores-sigterm') leave(worker); });
}

function dialWatchdog(): void {
  const watchdog = connect(path, () => watchdog.write(controlFrame(FRAME.hello, hello('watchdog'))));
  let beat: NodeJS.Timeout | undefined;
  const reader = new FrameReader(({ kind, header }) => {
    if (kind !== FRAME.welcome) return;
    watchdog.write(controlFrame(FRAME.heartbeat));
    if (departs !== 'one-heartbeat') beat = setInterval(() => watchdog.write(controlFrame(FRAME.heartbeat)), (header as { heartbeat_ms: number }).heartbeat_ms);
  });
  watchdog.on('data', (chunk: Buffer) => reader.push(chunk));
  watchdog.on('error', () => {});
  watchdog.on('close', () => {
    clearInterval(beat);
    if (owned && !isLeaving && departs !== 'deaf-watchdog' && !(departs === 'outlives-its-broker' && batches > 0)) process.exit(1);
  });
}

function onFrame(worker: Socket, frame: Frame): void {
  const header = frame.header as Readonly<Record<string, unknown>>;
  if (FROM_CONTAINERS.includes(frame.kind) && departs !== 'any-direction') throw new WireError('the wrong way');
  if (departs === 'known-kinds-only' && frame.kind > FRAME.goodbye) throw new WireError('an unknown kind');
  switch (frame.kind) {
    case FRAME.welcome:
      credits = CREDITS;
      shared = takeMemory(header);
      worker.write(controlFrame(FRAME.credit, { n: credits, ...(shared && { shared: true }) }));
      dialWatchdog();
      return;
    case FRAME.batch: return onBatch(worker, frame);
    case FRAME.cancel: return void underWay.get(frame.batch)?.cancelled.push(...(header['rows'] as number[]));
    case FRAME.drain: {
      if (departs === 'drops-at-drain') underWay.clear();
      farewell = departs === 'another-farewell' ? 'bye' : 'drained';
      return leave(worker);
    }
    case FRAME.goodbye: return departs === 'stays-unwelcome' ? stay() : process.exit(1);
    default:
  }
}

function takeMemory(welcome: unknown): typeof shared {
  const { shared: offer } = parseWelcome(welcome);
  if (offer === undefined) return undefined;
  const isIt = readFileSync(offer.path).subarray(0, offer.token.length).toString() === offer.token;
  return isIt || departs === 'any-memory' ? offer : undefined;
}

/** The payload of a batch, where ever it lies. */
function payloadOf(batch: BatchHeader, payload: Uint8Array): Buffer {
  if (batch.shared === undefined || shared === undefined) return Buffer.from(payload);
  const start = departs === 'another-place' ? 4096 : batch.shared;
  return readFileSync(shared.path).subarray(start, start + payloadBytes(batch.inputs));
}

function onBatch(worker: Socket, { batch, header, payload }: Frame): void {
  if (departs === 'known-keys-only' && Object.keys(header as object).some((key) => !KEYS.includes(key))) throw new WireError('an unknown key');
  const parsed = departs === 'any-lengths' ? header as BatchHeader : parseBatch(header, payload.length, shared?.bytes);
  if (credits-- === 0) throw new WireError('no credit');
  batches++;
  if (departs === 'one-at-a-time' && underWay.size > 0) return;
  underWay.set(batch, { id: batch, header: parsed, payload: payloadOf(parsed, payload), cancelled: [] });
  setImmediate(() => {
    const work = underWay.get(batch);
    underWay.delete(batch);
    if (work !== undefined) answer(worker, work);
    if (isLeaving && underWay.size === 0) leave(worker);
  });
}

function leave(worker: Socket): void {
  isLeaving = true;
  if (underWay.size === 0) worker.end(controlFrame(FRAME.goodbye, { code: farewell, message: '' }));
}

function misfit({ rows, inputs: parts, outputs }: BatchHeader): string | undefined {
  if (rows > 300) return 'too many rows';
  if (departs !== 'any-output' && outputs?.some((name) => !inputs.some((spec) => spec.name === name)) === true) return 'an unknown output';
  if (departs === 'any-input') return undefined;
  for (const { name, dtype, shape } of inputs) {
    const part = parts.find((one) => one.name === name);
    if (part === undefined || part.dtype !== dtype || part.shape.length !== shape.length) return `input ${name}`;
  }
  return undefined;
}

function answer(worker: Socket, { id, header, payload, cancelled }: Work): void {
  const { rows, outputs: wanted } = header;
  credits++;
  const done = (more: object = {}): Buffer => controlFrame(FRAME.done, { compute_us: 1, ...(departs === 'no-credit-back' ? {} : { credit: departs === 'two-credits-back' && rows === 2 ? 2 : 1 }), ...more }, id);
  const wrong = misfit(header);
  if (wrong !== undefined) return void worker.write(done({ error: { code: departs === 'another-code' ? 'model_error' : 'bad_input', message: wrong } }));
  if (departs === 'megabytes-hang' && payload.length > 1_000_000) return;
  if (departs === 'forgets-cancelled' && cancelled.length > 0) return;
  if (departs === 'no-ragged' && rows === 5) return void worker.write(done({ error: { code: 'bad_input', message: 'ragged' } }));
  const { parts, data } = slices(header, payload);
  const bad = rows === 3 && data[0] !== undefined && Buffer.from(data[0]).readFloatLE(8) === 13;
  if (bad && departs === 'fails-them-all') return void worker.write(done({ error: { code: 'model_error', message: 'thirteen' } }));
  if (bad) return void worker.write(Buffer.concat([controlFrame(FRAME.rows, { at: [], errors: [{ row: 1, code: 'thirteen', message: 'thirteen' }] }, id), rowsOf(id, parts, data, [0, 2], rows), done()]));
  const kept = parts.map((part, i) => [part, data[i] ?? Buffer.alloc(0)] as const).filter(([{ name }]) => wanted === undefined || departs === 'all-outputs' || wanted.includes(name));
  const all = Array.from({ length: rows }, (_, row) => row);
  if (departs === 'flips-a-bit' && rows === 6) kept[0]?.[1].writeUInt8((kept[0][1][9] ?? 0) ^ 1, 9);
  const said = kept.map(([part]) => (departs === 'another-dtype' && rows === 6 && part.dtype === 'float32' ? { ...part, dtype: 'int32' as const } : part));
  const bytes = kept.map(([, one]) => one);
  if (departs === 'leaves-one-out' && rows === 7) return void worker.write(Buffer.concat([rowsOf(id, said, bytes, all.slice(1), rows), done()]));
  if (departs === 'one-twice' && rows === 7) return void worker.write(Buffer.concat([rowsOf(id, said, bytes, all, rows), rowsOf(id, said, bytes, [3], rows), done()]));
  worker.write(Buffer.concat([rowsOf(id, said, bytes, all, rows), done()]));
}

function slices({ inputs: parts }: BatchHeader, payload: Buffer): { parts: readonly TensorPart[]; data: Buffer[] } {
  let end = 0;
  const data = parts.map(({ bytes }) => {
    const start = padTo8(end);
    end = start + bytes;
    return Buffer.from(payload.subarray(start, end));
  });
  return { parts, data };
}

/** A rows frame with these rows of tensors that have `rows`. */
function rowsOf(id: number, parts: readonly TensorPart[], data: readonly Buffer[], at: readonly number[], rows: number): Buffer {
  const picked = parts.map((part, i) => {
    const lengths = part.lengths ?? new Array<number>(rows).fill(part.bytes / rows);
    const starts = lengths.map((_, row) => lengths.slice(0, row).reduce((sum, length) => sum + length, 0));
    const bytes = Buffer.concat(at.map((row) => data[i]?.subarray(starts[row], (starts[row] ?? 0) + (lengths[row] ?? 0)) ?? Buffer.alloc(0)));
    return { bytes, part: { ...part, bytes: bytes.length, ...(part.lengths && { lengths: at.map((row) => lengths[row]) }), ...(part.shapes && { shapes: at.map((row) => part.shapes?.[row]) }) } };
  });
  const header = packHeader({ at, outputs: picked.map(({ part }) => part) });
  const payload = payloadBytes(picked.map(({ part }) => part));
  const frame = Buffer.alloc(frameBytes(header.length, payload));
  const start = writeFrameHead(frame, FRAME.rows, id, header, payload);
  let end = 0;
  for (const { bytes } of picked) {
    frame.set(bytes, start + padTo8(end));
    end = padTo8(end) + bytes.length;
  }
  return frame;
}

dialWorker();
