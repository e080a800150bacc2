import { random, type Random } from '../load/random.ts';
import { below, chance, pick, randomBytes } from './draw.ts';
import { adminMessage, binaryMessage, encode, plainMessage, predictMessage, probeMessage, type Message, type Targets } from './message.ts';
import { mutate } from './mutate.ts';

/** What one connection does next. */
export interface Scenario {
  readonly index: number;
  readonly title: string;
  /** Written one after the other, each in a turn of its own. */
  readonly pieces: readonly Buffer[];
  /** Requests in it, broken ones included. */
  readonly requests: number;
  /** The requests that must be answered, in order; empty where the framing is broken and nobody can say how many there are. */
  readonly expected: readonly Message[];
  /**
   * `keep`: wait for the answers and go on with the same connection; `half-close`: end our side and wait until the broker
   * ends its own; `leave`: be gone before anything is answered; `stall`: stay, in silence, until the broker ends it.
   */
  readonly ending: 'keep' | 'half-close' | 'leave' | 'stall';
}

/** Scenario `index` of a seed: the same on every machine, whatever ran before it. */
export function scenario(seed: number, index: number, targets: Targets): Scenario {
  // A seed is 53 bits: the index has the lower 32 of them.
  const draw = random((seed % 2 ** 21) * 2 ** 32 + index);
  const kind = draw();
  if (kind < 0.08) return run(draw, index, targets);
  if (kind < 0.78) return wellFramed(draw, index, targets);
  if (kind < 0.94) return brokenFraming(draw, index, targets);
  return leaving(draw, index, targets);
}

function wellFramed(draw: Random, index: number, targets: Targets): Scenario {
  const count = chance(draw, 0.15) ? 2 + below(draw, 8) : 1;
  const expected = Array.from({ length: count }, () => (count > 1 && chance(draw, 0.3) ? targets.control : message(draw, targets)));
  const bytes = Buffer.concat(expected.map((each) => encode(draw, each, targets.host, each.body.length > 0 && chance(draw, 0.1))));
  return {
    index, title: count > 1 ? 'pipelined' : 'whole', pieces: chance(draw, 0.15) ? split(draw, bytes) : [bytes], requests: count, expected,
    ending: chance(draw, 0.1) ? 'half-close' : 'keep',
  };
}

/** More requests than these are not cut at every byte. */
const MOST_BYTE_BY_BYTE = 700;

/**
 * Plain predict requests, pipelined: what the HTTP door has a lane of its own for. In half of the runs one in their midst is
 * not plain, and from there on another reader has the connection; one in ten says of its body what is not so. They come in one
 * piece, cut once, or byte by byte; the client waits, closes its side, or is gone before the end.
 */
function run(draw: Random, index: number, targets: Targets): Scenario {
  const expected = Array.from({ length: 1 + below(draw, 8) }, () => (chance(draw, 0.6) ? targets.control : plainMessage(draw, targets)));
  const odd = chance(draw, 0.5) ? below(draw, expected.length) : -1;
  const lies = chance(draw, 0.1);
  const encoded = expected.map((each, i) => (i === odd ? unlike(draw, each, targets.host) : encode(draw, each, targets.host, false)));
  if (lies) {
    const at = below(draw, encoded.length);
    encoded[at] = lying(draw, encoded[at] ?? Buffer.alloc(0));
  }
  const bytes = Buffer.concat(encoded);
  const ending = pick<Scenario['ending']>(draw, ['keep', 'keep', 'half-close', 'leave']);
  return {
    index, title: lies ? 'a run with a lie' : 'a run', requests: expected.length, expected: lies || ending === 'leave' ? [] : expected,
    pieces: cut(draw, ending === 'leave' ? bytes.subarray(0, below(draw, bytes.length + 1)) : bytes), ending: lies && ending === 'keep' ? 'half-close' : ending,
  };
}

/** The same request in a form that the lane leaves to others. */
function unlike(draw: Random, message: Message, host: string): Buffer {
  const more = pick(draw, [`X-Long: ${'a'.repeat(4100)}`, 'Origin: http://' + host, 'Connection: Keep-Alive, x', 'TE: trailers', 'X-Twice: a\r\nX-Twice: b', 'X-Tab:\tvalue', '']);
  if (more === '') return encode(draw, message, host, message.body.length > 0);
  return encode(draw, { ...message, headers: [...message.headers, more] }, host, false);
}

/** Another length than that of its body. */
function lying(draw: Random, bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/Content-Length: (\d+)/, (_, length: string) => `Content-Length: ${Math.max(0, Number(length) + pick(draw, [-1000, -7, -1, 1, 2, 50, 5000]))}`), 'latin1');
}

function cut(draw: Random, bytes: Buffer): Buffer[] {
  if (bytes.length <= MOST_BYTE_BY_BYTE && chance(draw, 0.2)) return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
  if (chance(draw, 0.3)) return [bytes];
  const at = below(draw, bytes.length + 1);
  return [bytes.subarray(0, at), bytes.subarray(at)].filter(({ length }) => length > 0);
}

/** Bytes that are no HTTP, or HTTP that says one length and has another. */
function brokenFraming(draw: Random, index: number, targets: Targets): Scenario {
  const whole = encode(draw, message(draw, targets), targets.host, chance(draw, 0.2));
  const broken = pick<() => Buffer>(draw, [
    () => mutate(draw, whole),
    () => mutate(draw, whole),
    () => whole.subarray(0, below(draw, whole.length)),
    () => randomBytes(draw, 1 + below(draw, 300)),
    () => replaced(whole, /Content-Length: \d+/, `Content-Length: ${pick(draw, ['-1', '1e3', '99999999999999999999', '5, 6', '0x10', '', '7\r\nContent-Length: 8', '104857600'])}`),
    () => replaced(whole, /Content-Length: \d+/, `Transfer-Encoding: ${pick(draw, ['chunked', 'gzip, chunked', 'chunked, chunked', 'identity', 'xchunked', 'chunked\r\nContent-Length: 4'])}`),
    () => replaced(whole, /HTTP\/1\.1/, pick(draw, ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/1.1 x', 'ICE/1.0'])),
    () => replaced(whole, /\r\n/, pick(draw, ['\n', '\r', '\r\n folded: x\r\n', '\r\nno colon\r\n', '\0\r\n'])),
    () => Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1]), randomBytes(draw, 64)]),
  ])();
  const pieces = chance(draw, 0.2) ? split(draw, broken) : [broken];
  return { index, title: 'broken framing', pieces, requests: 1, expected: [], ending: chance(draw, 0.005) ? 'stall' : 'half-close' };
}

function leaving(draw: Random, index: number, targets: Targets): Scenario {
  const whole = encode(draw, message(draw, targets), targets.host, chance(draw, 0.2));
  const bytes = chance(draw, 0.5) ? whole : whole.subarray(0, below(draw, whole.length));
  return { index, title: 'leaving', pieces: chance(draw, 0.3) ? split(draw, bytes) : [bytes], requests: 1, expected: [], ending: 'leave' };
}

function message(draw: Random, targets: Targets): Message {
  const door = draw();
  if (door < 0.66) return predictMessage(draw, targets);
  if (door < 0.86) return binaryMessage(draw, targets);
  if (door < 0.93) return adminMessage(draw, targets);
  return probeMessage(draw, targets);
}

function split(draw: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const to = at + 1 + below(draw, Math.max(1, bytes.length >> 1));
    pieces.push(bytes.subarray(at, to));
    at = to;
  }
  return pieces;
}

/** Only heads are replaced in, which are ASCII but for what a mutation put there. */
function replaced(bytes: Buffer, what: RegExp, by: string): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(what, () => by), 'latin1');
}
