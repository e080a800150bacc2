import { encodeRequest, type EncodedRequest } from '../load/http-request.ts';
import { random, type Random } from '../load/random.ts';
import type { RequestSource } from '../load/request-source.ts';

/** Requests of `features` random numbers, no two inputs alike. */
export interface FloatOptions {
  readonly host: string;
  readonly path: string;
  readonly form: 'json' | 'binary';
  readonly features: number;
  /** Significant digits of a number in JSON. */
  readonly digits: number;
  readonly seed: number;
}

/** So many bodies are drawn beforehand; a number in each is changed every time that its turn comes. */
const POOL = 64;
/** Digits of the first number, from its second on, that hold its turn: float32 tells seven digits apart. */
const TURN_DIGITS = 6;
const TURN_AT = '{"input":[0.1'.length;
/** float32 1.0: its 23 low bits hold the turn of a binary body. */
const ONE_BITS = 0x3f800000;

export function createSource(options: unknown): RequestSource {
  const given = options as FloatOptions;
  const draw = random(given.seed);
  const bodies = Array.from({ length: POOL }, () => (given.form === 'json' ? jsonRequest(given, draw) : binaryRequest(given, draw)));
  const write = given.form === 'json' ? writeDigits : writeBits;
  return {
    next(sequence) {
      const body = bodies[sequence % POOL] as EncodedRequest;
      write(body, Math.floor(sequence / POOL));
      return body.bytes;
    },
    check: (_, status, body) => (status === 200 ? undefined : `status ${status}: ${body.toString('utf8', 0, 300)}`),
  };
}

/** The body alone of a request, and the numbers in it as the model sees them. */
export interface FloatInput {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly values: Float32Array<ArrayBuffer>;
}

/** The inputs of the first `count` requests of a source with these options. */
export function firstInputs(options: FloatOptions, count: number): readonly FloatInput[] {
  const source = createSource(options);
  return Array.from({ length: count }, (_, sequence) => {
    const bytes = Buffer.from(source.next(sequence));
    const body = Uint8Array.from(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4));
    if (options.form === 'binary') return { body, values: new Float32Array(body.buffer) };
    const { input } = JSON.parse(Buffer.from(body).toString()) as { input: number[] };
    return { body, values: Float32Array.from(input) };
  });
}

function jsonRequest({ host, path, features, digits }: FloatOptions, draw: Random): EncodedRequest {
  const number = (): string => {
    let text = `0.${1 + Math.floor(draw() * 9)}`;
    for (let i = 1; i < digits; i++) text += Math.floor(draw() * 10);
    return text;
  };
  return encodeRequest({ host, path, body: `{"input":[${Array.from({ length: features }, number).join(',')}]}` });
}

function binaryRequest({ host, path, features }: FloatOptions, draw: Random): EncodedRequest {
  const body = new Uint8Array(Float32Array.from({ length: features }, draw).buffer);
  return encodeRequest({
    host, path, body, contentType: 'application/octet-stream',
    headers: { 'tradewind-dtype': 'float32', 'tradewind-shape': String(features) },
  });
}

function writeDigits({ bytes, bodyAt }: EncodedRequest, turn: number): void {
  let rest = turn;
  for (let i = TURN_DIGITS - 1; i >= 0; i--) {
    bytes[bodyAt + TURN_AT + i] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}

function writeBits({ bytes, bodyAt }: EncodedRequest, turn: number): void {
  bytes.writeUInt32LE(ONE_BITS | (turn & 0x7fffff), bodyAt);
}
