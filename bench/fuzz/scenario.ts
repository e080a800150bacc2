import { random, type Random } from '../load/random.ts';
import { below, chance, pick, randomBytes } from './draw.ts';
import { adminMessage, binaryMessage, encode, predictMessage, probeMessage, type Message, type Targets } from './message.ts';
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
