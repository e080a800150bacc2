/**
 * A container written from protos/wire.ts alone, that behaves as badly as TRADEWIND_OPTIONS says. Well behaved, it echoes:
 * its outputs are its inputs.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { BatchHeader, Frame, TensorSpec } from '../../protos/wire.ts';
import { FRAME, FrameReader, controlFrame, frameBytes, packHeader, payloadBytes, writeFrameHead } from '../../protos/wire.ts';

export interface RogueOptions {
  readonly signature?: readonly TensorSpec[];
  readonly credits?: number;
  readonly start?: 'exit' | 'silent' | 'wrong_name' | 'bad_token' | 'garbage' | 'oversize' | 'other_signature';
  readonly batch?: 'crash' | 'hang' | 'short' | 'leave_out' | 'bad_row' | 'twice' | 'garbage' | 'oversize' | 'wrong_dtype' | 'error' | 'row_error' | 'unknown_batch' | 'over_credit';
  /** Does it only while the file is there. */
  readonly onlyWith?: string;
  readonly print?: readonly string[];
  /** Leaves the watchdog's connection out, or silences it after its first heartbeat. */
  readonly watchdog?: 'none' | 'mute' | 'close';
}

const env = process.env;
const options = JSON.parse(env['TRADEWIND_OPTIONS'] ?? '{}') as RogueOptions;
const token = readFileSync(Number(env['TRADEWIND_TOKEN_FD']), 'utf8');
const inputs = options.signature ?? [{ name: 'x', dtype: 'float32', shape: [2] }];
const outputs = options.start === 'other_signature' ? inputs.map((spec) => ({ ...spec, shape: [...spec.shape, process.pid] })) : inputs;
const path = (env['TRADEWIND_CONNECT'] ?? '').slice('unix:'.length);
const garbage = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
const oversize = Buffer.from('5457010500000000ffffffff01000000', 'hex');

for (const line of options.print ?? []) process.stdout.write(line);
if (options.start === 'exit') {
  process.stderr.write('the model file is missing\n');
  process.exit(3);
}

const worker = connect(path, () => {
  if (options.start === 'silent') return;
  if (options.start === 'garbage') return void worker.write(garbage);
  if (options.start === 'oversize') return void worker.write(oversize);
  worker.write(controlFrame(FRAME.hello, hello('worker')));
  if (options.watchdog !== 'none') startWatchdog();
});
const reader = new FrameReader(onFrame);
worker.on('data', (chunk: Buffer) => reader.push(chunk));
worker.on('close', () => process.exit(options.start === 'bad_token' ? 4 : 0));
worker.on('error', () => {});

function hello(role: 'worker' | 'watchdog'): object {
  return {
    wire: 1, role, pid: process.pid, version: Number(env['TRADEWIND_VERSION']),
    model: options.start === 'wrong_name' ? 'somebody-else' : env['TRADEWIND_MODEL'],
    token: options.start === 'bad_token' ? 'x'.repeat(43) : token,
    kit: 'rogue 1', inputs, outputs, max_batch: 1024, about: { framework: 'none', threads: 1 },
  };
}

function startWatchdog(): void {
  const watchdog = connect(path, () => watchdog.write(controlFrame(FRAME.hello, hello('watchdog'))));
  watchdog.on('error', () => {});
  const replies = new FrameReader((frame) => {
    if (frame.kind !== FRAME.welcome) return;
    if (options.watchdog === 'close') return void watchdog.end();
    if (options.watchdog === 'mute') return void watchdog.write(controlFrame(FRAME.heartbeat));
    const { heartbeat_ms: every } = frame.header as { heartbeat_ms: number };
    setInterval(() => watchdog.write(controlFrame(FRAME.heartbeat)), every);
  });
  watchdog.on('data', (chunk: Buffer) => replies.push(chunk));
  watchdog.on('close', () => {
    if (options.watchdog !== 'close') process.exit(0);
  });
}

function onFrame(frame: Frame): void {
  if (frame.kind === FRAME.welcome) worker.write(controlFrame(FRAME.credit, { n: options.credits ?? 1 }));
  if (frame.kind === FRAME.batch) onBatch(frame);
  if (frame.kind === FRAME.drain) worker.end(controlFrame(FRAME.goodbye, { code: 'drained', message: 'all answered' }));
}

function misbehaves(): boolean {
  if (options.onlyWith === undefined) return true;
  try {
    readFileSync(options.onlyWith);
    return true;
  } catch {
    return false;
  }
}

function onBatch({ batch, header, payload }: Frame): void {
  const { rows, inputs: parts } = header as BatchHeader;
  const done = controlFrame(FRAME.done, { compute_us: 7, credit: 1 }, batch);
  const all = Array.from({ length: rows }, (_, row) => row);
  const echo = rowsFrame(batch, { at: all, outputs: parts }, payload);
  switch (misbehaves() ? options.batch : undefined) {
    case undefined: return void worker.write(Buffer.concat([echo, done]));
    case 'crash': return process.exit(9);
    case 'hang': return void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    case 'short': return void worker.write(Buffer.concat([rowsFrame(batch, { at: all, outputs: parts.map((part) => ({ ...part, bytes: part.bytes - 8 })) }, payload.subarray(8)), done]));
    case 'leave_out': return void worker.write(Buffer.concat([rowsFrame(batch, { at: all.slice(1), outputs: parts.map((part) => ({ ...part, bytes: part.bytes - 8 })) }, payload.subarray(8)), done]));
    case 'bad_row': return void worker.write(Buffer.concat([rowsFrame(batch, { at: all.map((row) => row + 1), outputs: parts }, payload), done]));
    case 'twice': return void worker.write(Buffer.concat([echo, echo, done]));
    case 'garbage': return void worker.write(garbage);
    case 'oversize': return void worker.write(oversize);
    case 'wrong_dtype': return void worker.write(Buffer.concat([rowsFrame(batch, { at: all, outputs: parts.map((part) => ({ ...part, dtype: 'int32' })) }, payload), done]));
    case 'error': return void worker.write(controlFrame(FRAME.done, { compute_us: 7, credit: 1, error: { code: 'model_error', message: 'no' } }, batch));
    case 'row_error': return void worker.write(Buffer.concat([controlFrame(FRAME.rows, { at: [], errors: [{ row: 0, code: 'bad_input', message: 'not this one' }] }, batch), done]));
    case 'unknown_batch': return void worker.write(controlFrame(FRAME.done, { compute_us: 7, credit: 1 }, batch + 1));
    case 'over_credit': return void worker.write(controlFrame(FRAME.credit, { n: 1_000_000 }));
  }
}

function rowsFrame(batch: number, header: object, payload: Uint8Array): Buffer {
  const packed = packHeader(header);
  const bytes = payloadBytes([{ bytes: payload.length }]);
  const frame = Buffer.alloc(frameBytes(packed.length, bytes));
  frame.set(payload, writeFrameHead(frame, FRAME.rows, batch, packed, bytes));
  return frame;
}
