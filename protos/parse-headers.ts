import { DTYPE_BYTES, DTYPES, isDtype } from './dtype.ts';
import type { BatchHeader, Cancel, Credit, DoneHeader, Goodbye, Hello, RowsHeader, SharedOffer, TensorPart, TensorSpec, Welcome } from './wire.ts';
import { MAX_BATCH_ROWS, MAX_PAYLOAD_BYTES, padTo8, payloadBytes, WireError } from './wire.ts';

/**
 * Checked readers of the header maps: `unknown` in, the type of wire.ts out, or `WireError` with the key at fault.
 * What they return has the right types, bounded lists and tensors that fill the payload exactly; whether names, dtypes
 * and shapes fit a signature is for the caller. Unknown keys are ignored; an integer may come in any msgpack number form.
 */
const MAX_NAME_CHARS = 256;
const MAX_TENSORS = 1024;
const MAX_RANK = 32;
export const MAX_MESSAGE_CHARS = 4096;

type Fields = Readonly<Record<string, unknown>>;

export function parseHello(header: unknown): Hello {
  const map = fields(header, 'hello');
  const role = map['role'];
  if (role !== 'worker' && role !== 'watchdog') throw new WireError('hello.role is neither "worker" nor "watchdog"');
  return {
    wire: integer(map['wire'], 'hello.wire', 1),
    role,
    model: text(map['model'], 'hello.model', MAX_NAME_CHARS),
    version: integer(map['version'], 'hello.version', 1),
    pid: integer(map['pid'], 'hello.pid', 0),
    ...optional('token', map['token'], (value) => text(value, 'hello.token', MAX_MESSAGE_CHARS)),
    ...optional('kit', map['kit'], (value) => text(value, 'hello.kit', MAX_NAME_CHARS)),
    ...optional('inputs', map['inputs'], (value) => list(value, 'hello.inputs', MAX_TENSORS, parseTensorSpec)),
    ...optional('outputs', map['outputs'], (value) => list(value, 'hello.outputs', MAX_TENSORS, parseTensorSpec)),
    ...optional('max_batch', map['max_batch'], (value) => integer(value, 'hello.max_batch', 1)),
    ...optional('watchdog', map['watchdog'], (value) => text(value, 'hello.watchdog', MAX_NAME_CHARS)),
    ...optional('about', map['about'], parseAbout),
  };
}

export function parseWelcome(header: unknown): Welcome {
  const map = fields(header, 'welcome');
  return {
    wire: integer(map['wire'], 'welcome.wire', 1),
    heartbeat_ms: integer(map['heartbeat_ms'], 'welcome.heartbeat_ms', 1),
    replica: text(map['replica'], 'welcome.replica', MAX_NAME_CHARS),
    ...optional('shared', map['shared'], parseOffer),
  };
}

export function parseCredit(header: unknown): Credit {
  const { n, shared } = fields(header, 'credit');
  return { n: integer(n, 'credit.n', 1), ...(shared === true && { shared }) };
}

/** `sharedBytes` is how many the shared memory has that was taken; 0 where none was. */
export function parseBatch(header: unknown, payload: number, sharedBytes = 0): BatchHeader {
  const map = fields(header, 'batch');
  const rows = integer(map['rows'], 'batch.rows', 1, MAX_BATCH_ROWS);
  const at = optional('shared', map['shared'], (value) => integer(value, 'batch.shared', 0, sharedBytes));
  return {
    rows,
    budget_us: finite(map['budget_us'], 'batch.budget_us'),
    inputs: at.shared === undefined ? parseParts(map['inputs'], 'batch.inputs', rows, payload) : parseSharedParts(map['inputs'], rows, { payload, room: sharedBytes - at.shared }),
    ...at,
    ...optional('outputs', map['outputs'], (value) => list(value, 'batch.outputs', MAX_TENSORS, (name, at) => text(name, at, MAX_NAME_CHARS))),
    ...optional('signature', map['signature'], (value) => text(value, 'batch.signature', MAX_NAME_CHARS)),
    ...optional('params', map['params'], (value) => fields(value, 'batch.params')),
    ...optional('sequence', map['sequence'], (value) => value),
    ...optional('traceparent', map['traceparent'], (value) => text(value, 'batch.traceparent', MAX_NAME_CHARS)),
  };
}

/** `rows` is that of the batch it answers: row numbers lie below it, and none occurs twice in one frame. */
export function parseRows(header: unknown, payload: number, rows: number): RowsHeader {
  const map = fields(header, 'rows');
  const seen = new Uint8Array(rows);
  const row = (value: unknown, at: string): number => {
    const number = integer(value, at, 0, rows - 1);
    if (seen[number] === 1) throw new WireError(`${at}: row ${number} occurs twice`);
    seen[number] = 1;
    return number;
  };
  const at = list(map['at'], 'rows.at', rows, row);
  const errors = optional('errors', map['errors'], (value) => list(value, 'rows.errors', rows, (one, where) => {
    const error = fields(one, where);
    return { row: row(error['row'], where), ...parseError(error, where) };
  }));
  if (map['outputs'] === undefined && (at.length > 0 || payload > 0)) throw new WireError('rows.outputs is missing');
  return {
    at,
    ...optional('outputs', map['outputs'], (value) => parseParts(value, 'rows.outputs', at.length, payload)),
    ...errors,
  };
}

export function parseDone(header: unknown): DoneHeader {
  const map = fields(header, 'done');
  const { compute_us, credit, error } = map;
  const micros = finite(compute_us, 'done.compute_us', 0);
  const done = isAbsent(credit) ? { compute_us: micros } : { compute_us: micros, credit: integer(credit, 'done.credit', 0) };
  return isAbsent(error) ? done : { ...done, error: parseError(fields(error, 'done.error'), 'done.error') };
}

export function parseCancel(header: unknown, rows: number): Cancel {
  return { rows: list(fields(header, 'cancel')['rows'], 'cancel.rows', rows, (value, at) => integer(value, at, 0, rows - 1)) };
}

/** Never throws: a goodbye that cannot be read is still one. */
export function parseGoodbye(header: unknown): Goodbye {
  const map = isFields(header) ? header : {};
  const code = map['code'];
  const message = map['message'];
  return {
    code: typeof code === 'string' ? code.slice(0, MAX_NAME_CHARS) : 'unknown',
    message: typeof message === 'string' ? message.slice(0, MAX_MESSAGE_CHARS) : '',
  };
}

export function parseTensorSpec(value: unknown, at = 'tensor'): TensorSpec {
  const map = fields(value, at);
  const ragged = map['ragged'];
  if (ragged !== undefined && typeof ragged !== 'boolean') throw new WireError(`${at}.ragged is not a boolean`);
  return {
    name: text(map['name'], `${at}.name`, MAX_NAME_CHARS),
    dtype: dtype(map['dtype'], `${at}.dtype`),
    shape: shape(map['shape'], `${at}.shape`, -1),
    ...(ragged === undefined ? {} : { ragged }),
  };
}

function parseOffer(value: unknown): SharedOffer {
  const map = fields(value, 'welcome.shared');
  return {
    path: text(map['path'], 'welcome.shared.path', MAX_MESSAGE_CHARS),
    bytes: integer(map['bytes'], 'welcome.shared.bytes', 1),
    token: text(map['token'], 'welcome.shared.token', MAX_NAME_CHARS),
  };
}

/** Tensors of `rows` rows each that lie in `room` bytes of shared memory, where the frame's own payload is empty. */
function parseSharedParts(value: unknown, rows: number, { payload, room }: { readonly payload: number; readonly room: number }): TensorPart[] {
  if (payload > 0) throw new WireError(`batch.shared is given, and the payload has ${payload} bytes`);
  const parts = list(value, 'batch.inputs', MAX_TENSORS, (part, where) => parsePart(part, where, rows));
  const needed = payloadBytes(parts);
  if (needed > room) throw new WireError(`batch.inputs takes ${needed} bytes; the shared memory has ${room} from there on`);
  return parts;
}

/** Tensors of `rows` rows each that fill `payload` bytes to the last one. */
function parseParts(value: unknown, at: string, rows: number, payload: number): TensorPart[] {
  const parts = list(value, at, MAX_TENSORS, (part, where) => parsePart(part, where, rows));
  let end = 0;
  for (const part of parts) {
    end = padTo8(end) + part.bytes;
    if (end > payload) break;
  }
  if (end !== payload) throw new WireError(`${at} does not describe the ${payload} bytes of the payload`);
  return parts;
}

function parsePart(value: unknown, at: string, rows: number): TensorPart {
  const map = fields(value, at);
  const part = {
    name: text(map['name'], `${at}.name`, MAX_NAME_CHARS),
    dtype: dtype(map['dtype'], `${at}.dtype`),
    shape: shape(map['shape'], `${at}.shape`, -1),
    bytes: integer(map['bytes'], `${at}.bytes`, 0, MAX_PAYLOAD_BYTES),
  };
  const shapes = map['shapes'] === undefined ? undefined
    : exactly(list(map['shapes'], `${at}.shapes`, rows, (one, where) => shape(one, where, 0)), rows, `${at}.shapes`);
  const lengths = map['lengths'] === undefined ? undefined
    : exactly(list(map['lengths'], `${at}.lengths`, rows, (one, where) => integer(one, where, 0, MAX_PAYLOAD_BYTES)), rows, `${at}.lengths`);
  checkPartBytes(part, rows, shapes, lengths, at);
  return { ...part, ...(lengths === undefined ? {} : { lengths }), ...(shapes === undefined ? {} : { shapes }) };
}

function checkPartBytes(part: TensorPart, rows: number, shapes: readonly (readonly number[])[] | undefined, lengths: readonly number[] | undefined, at: string): void {
  const size = DTYPE_BYTES[part.dtype];
  if (shapes === undefined && part.shape.includes(-1)) throw new WireError(`${at}.shape has -1, and there are no shapes`);
  if (lengths === undefined) {
    if (size === 0 || shapes !== undefined) throw new WireError(`${at}.lengths is missing`);
    const row = size * elements(part.shape);
    if (row * rows !== part.bytes) throw new WireError(`${at}: ${rows} rows of ${row} bytes are not ${part.bytes} bytes`);
    return;
  }
  let total = 0;
  for (const [i, length] of lengths.entries()) {
    total += length;
    if (size > 0 && length !== size * elements(shapes?.[i] ?? part.shape)) throw new WireError(`${at}.lengths[${i}] does not fit the row's shape`);
  }
  if (total !== part.bytes) throw new WireError(`${at}.lengths add up to ${total}, not ${part.bytes}`);
}

function parseError(map: Fields, at: string): { code: string; message: string } {
  const message = map['message'];
  if (typeof message !== 'string') throw new WireError(`${at}.message is not text`);
  return { code: text(map['code'], `${at}.code`, MAX_NAME_CHARS), message: message.slice(0, MAX_MESSAGE_CHARS) };
}

function parseAbout(value: unknown): Record<string, string | number | boolean> {
  const facts: [string, string | number | boolean][] = [];
  for (const [key, fact] of Object.entries(fields(value, 'hello.about')).slice(0, 64)) {
    if (typeof fact === 'string') facts.push([key, fact.slice(0, MAX_MESSAGE_CHARS)]);
    else if (typeof fact === 'number' || typeof fact === 'boolean') facts.push([key, fact]);
  }
  return Object.fromEntries(facts);
}

function elements(extents: readonly number[]): number {
  let product = 1;
  for (const extent of extents) product *= extent;
  return product;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function fields(value: unknown, at: string): Fields {
  if (!isFields(value)) throw new WireError(`${at} is not a map`);
  return value;
}

function text(value: unknown, at: string, maxChars: number): string {
  if (typeof value !== 'string' || value === '' || value.length > maxChars) throw new WireError(`${at} is not text of 1 to ${maxChars} characters`);
  return value;
}

function integer(value: unknown, at: string, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) throw new WireError(`${at} is not an integer from ${min} to ${max}`);
  return value;
}

function finite(value: unknown, at: string, min = -Number.MAX_VALUE): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < min) throw new WireError(`${at} is not a number${min === 0 ? ' of 0 or more' : ''}`);
  return value;
}

function dtype(value: unknown, at: string): TensorPart['dtype'] {
  if (!isDtype(value)) throw new WireError(`${at} is no dtype; expected ${DTYPES.join(', ')}`);
  return value;
}

function shape(value: unknown, at: string, min: number): number[] {
  return list(value, at, MAX_RANK, (extent, where) => integer(extent, where, min, 0xffffffff));
}

function list<T>(value: unknown, at: string, max: number, parse: (item: unknown, at: string) => T): T[] {
  if (!Array.isArray(value) || value.length > max) throw new WireError(`${at} is not a list of at most ${max}`);
  const where = `${at}[]`;
  const parsed: T[] = [];
  for (const item of value) parsed.push(parse(item, where));
  return parsed;
}

function exactly<T>(items: T[], count: number, at: string): T[] {
  if (items.length !== count) throw new WireError(`${at} has ${items.length} entries for ${count} rows`);
  return items;
}

function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function optional<K extends string, T>(key: K, value: unknown, parse: (value: unknown) => T): { [P in K]?: T } {
  return isAbsent(value) ? {} : { [key]: parse(value) } as { [P in K]?: T };
}
