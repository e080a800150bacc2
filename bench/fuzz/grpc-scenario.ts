import { gzipSync } from 'node:zlib';
import { random, type Random } from '../load/random.ts';
import { below, chance, pick, randomBytes } from './draw.ts';
import { STREAM_PATH, strayInfer, type GrpcAsk } from './grpc-seeds.ts';
import { mutate } from './mutate.ts';

/** What is asked, and the name of the input of linear-8. */
export interface GrpcTargets {
  readonly control: GrpcAsk;
  readonly asks: readonly GrpcAsk[];
  readonly input: string;
}

/** One call as bytes. It can be played again from its seed and its index. */
export interface GrpcScenario {
  readonly index: number;
  readonly title: string;
  /** Beside those that every call has. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the stream, in the pieces in which it is written. */
  readonly pieces: readonly Buffer[];
  /** The caller ends the stream behind them, resets it, or goes with its whole connection. */
  readonly ending: 'end' | 'reset' | 'gone';
  readonly control: boolean;
}

type Made = Pick<GrpcScenario, 'pieces'> & Partial<GrpcScenario> & { readonly path: string };
type Kind = (draw: Random, targets: GrpcTargets) => Made;

/** The `index`th call of a seed. */
export function grpcScenario(seed: number, index: number, targets: GrpcTargets): GrpcScenario {
  const draw = random(seed * 1_000_003 + index);
  const [title, kind] = pick(draw, KINDS);
  const { path, headers = {}, pieces, ending = 'end', control = false } = kind(draw, targets);
  return { index, title, headers: { ':path': path, ...headers }, pieces, ending, control };
}

const KINDS: readonly (readonly [title: string, kind: Kind])[] = [
  ['control', (_draw, { control }) => ({ path: control.path, pieces: [framed(control.message)], control: true })],
  ['as it should be', (draw, { asks }) => whole(draw, pick(draw, asks))],
  ['mutated', mutated], ['mutated', mutated], ['mutated', mutated],
  ['stray contents', (draw, { input, control }) => ({ path: control.path, pieces: cut(draw, framed(strayInfer(draw, input))) })],
  ['stray contents', (draw, { input, control }) => ({ path: control.path, pieces: cut(draw, framed(strayInfer(draw, input))) })],
  ['noise', (draw, { asks }) => ({ path: pick(draw, asks).path, pieces: [framed(randomBytes(draw, below(draw, 200)))] })],
  ['a length that lies', lying],
  ['compressed', compressed],
  ['headers', strangeHeaders],
  ['a stream', stream],
  ['cancelled', (draw, targets) => ({ ...mutatedOrWhole(draw, targets), ending: chance(draw, 0.05) ? 'gone' : 'reset' })],
  ['cut off', (draw, { asks }) => {
    const { path, message } = pick(draw, asks);
    const bytes = framed(message);
    return { path, pieces: [bytes.subarray(0, below(draw, bytes.length))], ending: pick(draw, ['end', 'reset', 'reset', 'gone']) };
  }],
];

/** A message as it goes over the wire (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export function framed(message: Uint8Array, { length = message.length, flag = 0 } = {}): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

function whole(draw: Random, { path, message }: GrpcAsk): Made {
  return { path, pieces: cut(draw, framed(message)) };
}

function mutated(draw: Random, { asks }: GrpcTargets): Made {
  const { path, message } = pick(draw, asks);
  return { path: chance(draw, 0.05) ? pick(draw, asks).path : path, pieces: cut(draw, framed(changed(draw, message))) };
}

function mutatedOrWhole(draw: Random, targets: GrpcTargets): Made {
  return chance(draw, 0.5) ? mutated(draw, targets) : whole(draw, pick(draw, targets.asks));
}

/** A byte or two: the lengths mostly survive that, and what they are of is read; or more than that. */
function changed(draw: Random, message: Buffer): Buffer {
  if (message.length === 0 || chance(draw, 0.5)) return mutate(draw, message);
  const bytes = Buffer.from(message);
  for (let left = 1 + below(draw, 2); left > 0; left--) bytes[below(draw, bytes.length)] = below(draw, 256);
  return bytes;
}

function lying(draw: Random, { asks }: GrpcTargets): Made {
  const { path, message } = pick(draw, asks);
  const length = pick(draw, [0, 1, message.length - 1, message.length + 1, message.length + 5, 1_048_576, 1_048_577, 2 ** 24, 2 ** 31, 2 ** 32 - 1]);
  const bytes = framed(message, { length: Math.max(0, length), flag: chance(draw, 0.2) ? below(draw, 256) : 0 });
  return { path, pieces: cut(draw, chance(draw, 0.2) ? Buffer.concat([bytes, framed(message)]) : bytes), ending: pick(draw, ['end', 'end', 'reset']) };
}

function compressed(draw: Random, { asks }: GrpcTargets): Made {
  const { path, message } = pick(draw, asks);
  const packed = gzipSync(chance(draw, 0.1) ? Buffer.alloc(2_000_000) : message);
  const body = chance(draw, 0.4) ? changed(draw, packed) : packed;
  return { path, headers: chance(draw, 0.9) ? { 'grpc-encoding': pick(draw, ['gzip', 'gzip', 'gzip', 'deflate', 'identity', 'br', 'x']) } : {}, pieces: cut(draw, framed(body, { flag: 1 })) };
}

const STRANGE: readonly Readonly<Record<string, string>>[] = [
  { 'grpc-timeout': '1m' }, { 'grpc-timeout': '0n' }, { 'grpc-timeout': '99999999H' }, { 'grpc-timeout': 'soon' }, { 'grpc-timeout': '-1S' }, { 'content-type': 'application/json' },
  { 'content-type': 'application/grpc+json' }, { 'tradewind-slo-ms': 'NaN' }, { 'tradewind-slo-ms': '-1' }, { 'tradewind-slo-ms': '1e9' }, { 'tradewind-priority': 'most' },
  { 'tradewind-context': '{' }, { 'tradewind-context': '[]' }, { 'tradewind-context': '{"a":1}' }, { traceparent: '00-0-0-0' }, { authorization: 'Bearer x' }, { 'grpc-encoding': '' },
  { ':path': '/' }, { ':path': '/nobody.Here/Ask' }, { ':path': '/inference.GRPCInferenceService/%4d' }, { ':method': 'GET' }, { 'x-long': 'x'.repeat(7000) }, { 'some-bin': '!!!' }, { 'grpc-accept-encoding': ',,,' },
];

function strangeHeaders(draw: Random, targets: GrpcTargets): Made {
  const headers: Record<string, string> = {};
  for (let left = 1 + below(draw, 2); left > 0; left--) Object.assign(headers, pick(draw, STRANGE));
  return { ...whole(draw, pick(draw, targets.asks)), headers };
}

function stream(draw: Random, targets: GrpcTargets): Made {
  const messages = Array.from({ length: below(draw, 6) }, () => framed(chance(draw, 0.5) ? targets.control.message : chance(draw, 0.5) ? strayInfer(draw, targets.input) : changed(draw, targets.control.message)));
  return { path: STREAM_PATH, pieces: cut(draw, Buffer.concat(messages)), ending: pick(draw, ['end', 'end', 'end', 'reset']) };
}

/** In one piece mostly. */
function cut(draw: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const to = chance(draw, 0.8) ? bytes.length : at + 1 + below(draw, bytes.length - at);
    pieces.push(bytes.subarray(at, to));
    at = to;
  }
  return pieces;
}
