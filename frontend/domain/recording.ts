import { contextText } from './context-key.ts';

/**
 * Recorded requests: a text, one JSON object a line.
 *
 *     {"app":"digits","at_ms":1763719200000,"body":{"input":[0,0.5],"context":{"user":"ann"}}}
 *
 * `body` is what would be POSTed to the app's predict route: number for number what was asked. `app` and `at_ms` (when it was
 * asked, epoch milliseconds) may be left out of lines written by hand. The same lines warm up new replicas, are played as
 * load, and stand in tests.
 */
export interface RecordedRequest {
  readonly app?: string;
  readonly atEpochMs?: number;
  /** JSON. */
  readonly body: string;
}

export interface ReadRecording {
  readonly requests: readonly RecordedRequest[];
  /** Lines, from 1, that are none, with the reason. */
  readonly faults: readonly { readonly line: number; readonly why: string }[];
}

/** Whether a recorded line was asked in the context of this value, as text, under this key. */
export function isOfContext(line: string, { key, value }: { readonly key: string; readonly value: string }): boolean {
  const read = readLine(line);
  if (typeof read === 'string') return false;
  const { context } = JSON.parse(read.body) as { readonly context?: unknown };
  return typeof context === 'object' && context !== null && contextText(context as Readonly<Record<string, unknown>>, key) === value;
}

/** Where a sample of the queries is kept. */
export interface RecordingStore {
  /** Takes one line of an app's recording, to be written soon; false where it takes no more just now. */
  append(app: string, line: string, maxBytes: number): boolean;
}

/** Reads at most `most` requests; empty lines are none. */
export function readRecording(text: string, most = Number.POSITIVE_INFINITY): ReadRecording {
  const requests: RecordedRequest[] = [];
  const faults: { line: number; why: string }[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (requests.length >= most) break;
    if (line.trim() === '') continue;
    const read = readLine(line);
    if (typeof read === 'string') faults.push({ line: i + 1, why: read });
    else requests.push(read);
  }
  return { requests, faults };
}

/** One line, without its end. `body` is JSON without a line break. */
export function recordedLine({ app, atEpochMs, body }: RecordedRequest): string {
  const head = { ...(app === undefined ? {} : { app }), ...(atEpochMs === undefined ? {} : { at_ms: atEpochMs }) };
  const text = JSON.stringify(head).slice(0, -1);
  return `${text}${text === '{' ? '' : ','}"body":${body}}`;
}

function readLine(line: string): RecordedRequest | string {
  const value = parsed(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no JSON object';
  const { app, at_ms: atEpochMs, body } = value as Readonly<Record<string, unknown>>;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'has no "body"';
  if (app !== undefined && typeof app !== 'string') return '"app" is no name';
  if (atEpochMs !== undefined && !Number.isSafeInteger(atEpochMs)) return '"at_ms" is no time';
  return { ...(app === undefined ? {} : { app }), ...(atEpochMs === undefined ? {} : { atEpochMs: atEpochMs as number }), body: bodyText(line) ?? JSON.stringify(body) };
}

/** The body as it stands: 64-bit integers keep all their digits. Undefined where it is not the last of the line. */
function bodyText(line: string): string | undefined {
  const at = line.indexOf('"body":');
  const text = line.slice(at + 7, line.lastIndexOf('}')).trim();
  return text.startsWith('{') && parsed(text) !== undefined ? text : undefined;
}

/** Undefined where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
