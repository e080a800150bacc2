import type { Random } from '../load/random.ts';
import { below, chance, pick, randomBytes } from './draw.ts';
import { document, anything, type Shape } from './documents.ts';
import { mutate } from './mutate.ts';

/** One request whose framing is right: whatever else is wrong with it, it must get exactly one answer. */
export interface Message {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
  /** It is the question whose answer is known. */
  readonly control?: boolean;
}

/** The broker's host and what the fuzzed broker serves. */
export interface Targets {
  readonly host: string;
  readonly control: Message;
}

const APPS: readonly (readonly [name: string, shape: Shape])[] = [['eight', 'eight'], ['eight', 'eight'], ['mixed', 'mixed'], ['free', 'free'], ['unborn', 'mixed']];
const NAMES: readonly string[] = ['nobody', '__proto__', 'constructor', '%00', '%zz', '..%2f..%2fetc%2fpasswd', 'a'.repeat(300), 'eight%20', '%F0%9F%98%80', ''];
const TYPES: readonly string[] = ['text/plain', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/octet-stream', '', 'application/json;', 'APPLICATION/JSON'];
const DTYPES: readonly string[] = ['float32', 'float64', 'int64', 'uint8', 'bool', 'bytes', 'float16', 'bfloat16', 'FP32', 'float', '', '__proto__'];
const SHAPES: readonly string[] = ['8', '1,8', '2,8', '4,2', '8,1', '0', '-1', '8,8,8,8,8,8,8,8,8', '1e9', '4294967296', '9007199254740993,9', ',', '8 ', ''];
const METHODS: readonly string[] = ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'POST', 'TRACE', 'PROPFIND'];
const PROBES: readonly string[] = ['/healthz', '/readyz', '/healthz', '/readyz', '/openapi.json', '/metrics'];

/** A request to the predict door: JSON as often as not mutated. */
export function predictMessage(draw: Random, targets: Targets): Message {
  const [app, shape] = pick(draw, APPS);
  const text = Buffer.from(document(draw, shape));
  return withTricks(draw, targets, {
    method: 'POST',
    path: `/v1/apps/${chance(draw, 0.03) ? pick(draw, NAMES) : app}/predict${chance(draw, 0.05) ? query(draw) : ''}`,
    headers: [`Content-Type: ${chance(draw, 0.02) ? pick(draw, TYPES) : 'application/json'}`],
    body: chance(draw, 0.4) ? mutate(draw, text) : text,
  });
}

/** A predict request that says what it is in the fewest words, right or wrong. */
export function plainMessage(draw: Random, targets: Targets): Message {
  const [app, shape] = pick(draw, APPS);
  const text = Buffer.from(document(draw, shape));
  return { ...targets.control, control: false, path: `/v1/apps/${app}/predict`, body: chance(draw, 0.2) ? mutate(draw, text) : text };
}

export function binaryMessage(draw: Random, targets: Targets): Message {
  const right = chance(draw, 0.4);
  const rows = 1 + below(draw, 4);
  const size = right ? rows * 32 : pick(draw, [0, 1, 31, 32, 33, 64, below(draw, 4096)]);
  const headers = ['Content-Type: application/octet-stream', `tradewind-dtype: ${right ? 'float32' : pick(draw, DTYPES)}`];
  if (right || chance(draw, 0.8)) headers.push(`tradewind-shape: ${right ? (rows === 1 ? '8' : `${rows},8`) : pick(draw, SHAPES)}`);
  if (chance(draw, 0.2)) headers.push(`tradewind-slo-ms: ${pick(draw, ['5', '0', '-1', 'fast', '1e9', 'NaN'])}`);
  if (chance(draw, 0.3)) headers.push('Accept: application/octet-stream');
  return withTricks(draw, targets, {
    method: 'POST', path: `/v1/apps/${pick(draw, APPS)[0]}/predict${chance(draw, 0.05) ? query(draw) : ''}`, headers, body: randomBytes(draw, size),
  });
}

/** Admin: reads of everything; changes of names that nobody else uses, with every rule kept or broken. */
export function adminMessage(draw: Random, targets: Targets): Message {
  const name = `fuzz-${below(draw, 6)}`;
  if (chance(draw, 0.5)) {
    const path = pick(draw, ['/admin/state', '/admin/models', '/admin/apps', '/admin/apps/eight', `/admin/apps/${name}`, `/admin/models/${pick(draw, NAMES)}`, '/admin/models/linear-8/versions/1', `/admin/models/linear-8/versions/${pick(draw, ['0', '-1', 'x', '99999999999999999999'])}`, '/admin/models/linear-8/labels/stable', '/admin/nothing']);
    return withTricks(draw, targets, { method: chance(draw, 0.9) ? 'GET' : 'HEAD', path: path + (chance(draw, 0.1) ? query(draw) : ''), headers: [], body: Buffer.alloc(0) });
  }
  const headers = chance(draw, 0.9) ? ['Content-Type: application/json'] : [`Content-Type: ${pick(draw, TYPES)}`];
  if (chance(draw, 0.2)) headers.push(`Origin: ${pick(draw, ['http://evil.example', 'null', `http://${targets.host}`, 'http://'])}`);
  if (chance(draw, 0.1)) headers.push(`Sec-Fetch-Site: ${pick(draw, ['cross-site', 'same-origin', 'none', 'x'])}`);
  if (chance(draw, 0.1)) headers.push(`If-Match: ${pick(draw, ['"1"', '*', 'W/"1"', 'x', ''])}`);
  if (chance(draw, 0.1)) headers.push(`Authorization: ${pick(draw, ['Bearer x', 'Basic QQ==', 'Bearer', 'bearer  '])}`);
  const [path, document] = pick(draw, [
    [`/admin/apps/${name}`, () => (chance(draw, 0.5) ? `{"arms":["linear-8"],"output":"label","slo_ms":${1 + below(draw, 100)}}` : `{"arms":${anything(draw, 1)},"slo_ms":${anything(draw, 3)}}`)],
    [`/admin/models/${name}/versions/${pick(draw, ['1', '2', '0', 'x'])}`, () => (chance(draw, 0.5) ? '{"container":"synthetic","replicas":0}' : `{"container":${pick(draw, ['"synthetic"', '{"command":["true"]}', '"nobody"', anything(draw, 2)])},"replicas":0,"options":${anything(draw, 1)}}`)],
    [`/admin/models/${name}/versions/1/replicas`, () => `{"replicas":${pick(draw, ['0', '-1', '257', '"0"', 'null', '1e9'])}}`],
    [`/admin/models/${name}/labels/${pick(draw, ['canary', '7', 'UP'])}`, () => `{"version":${pick(draw, ['1', '0', '"1"', '99'])}}`],
  ] as const);
  const isDelete = chance(draw, 0.4);
  const text = Buffer.from(isDelete ? '' : document());
  return withTricks(draw, targets, {
    method: isDelete ? 'DELETE' : 'PUT', path: path + (chance(draw, 0.3) ? '?dry_run=true' : ''), headers, body: chance(draw, 0.3) ? mutate(draw, text) : text,
  });
}

export function probeMessage(draw: Random, targets: Targets): Message {
  const path = chance(draw, 0.9) ? pick(draw, PROBES) : `/${pick(draw, NAMES)}`;
  return withTricks(draw, targets, {
    method: chance(draw, 0.9) ? 'GET' : pick(draw, METHODS), path: path + (chance(draw, 0.1) ? query(draw) : ''), headers: [], body: Buffer.alloc(0),
  });
}

/** The bytes of a message; chunked where asked, which says the same. */
export function encode(draw: Random, { method, path, headers, body }: Message, host: string, chunked: boolean): Buffer {
  const named = headers.some((line) => /^host:/i.test(line)) ? headers : [`Host: ${host}`, ...headers];
  const framing = chunked ? ['Transfer-Encoding: chunked'] : [`Content-Length: ${body.length}`];
  const head = Buffer.from(`${[`${method} ${path} HTTP/1.1`, ...named, ...framing].join('\r\n')}\r\n\r\n`);
  return Buffer.concat([head, chunked ? chunks(draw, body) : body]);
}

function chunks(draw: Random, body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const piece = body.subarray(at, at + 1 + below(draw, 200));
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    at += piece.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** Now and then something is wrong that no door should fall over. The framing stays right. */
function withTricks(draw: Random, targets: Targets, message: Message): Message {
  if (!chance(draw, 0.06)) return message;
  const headers = [...message.headers];
  switch (below(draw, 8)) {
    case 0: return { ...message, method: pick(draw, METHODS) };
    case 1: headers.push(`Host: ${pick(draw, ['evil.example', 'localhost.evil.example', '', '127.0.0.1:1', targets.host.toUpperCase()])}`); break;
    case 2: headers.push(`Content-Encoding: ${pick(draw, ['gzip', 'identity', 'br', 'x'])}`); break;
    case 3: headers.push(`X-Long: ${'a'.repeat(below(draw, 12_000))}`); break;
    case 4: for (let i = below(draw, 300); i > 0; i--) headers.push(`X-Flood-${i}: ${i}`); break;
    case 5: headers.push(`X-Request-Id: ${pick(draw, ['a', '\t', 'x'.repeat(500), '"', '<script>'])}`); break;
    case 6: headers.push(`Accept: ${pick(draw, ['*/*', 'application/octet-stream', 'text/html', ''])}`); break;
    default: headers.push('Expect: 100-continue'); break;
  }
  return { ...message, headers };
}

function query(draw: Random): string {
  return `?${pick(draw, ['slo_ms=5', 'slo_ms=-1', 'slo_ms=5&slo_ms=6', 'dtype=float32&shape=8', 'x=1', '__proto__=1', '%zz', '=', '&&&', 'dry_run=maybe', 'a'.repeat(2000)])}`;
}
