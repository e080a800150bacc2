import { EventStreamParser } from './event-stream.ts';
import { advance, begin, type LiveState } from './live-state.ts';
import type { Snapshot, Tick } from './snapshot.ts';

const TOKEN = 'tradewind-token';
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
/** A stream that says nothing for so long is dead: the broker ticks once a second. */
const SILENCE_MS = 10_000;

/** A refusal of the broker, in its words. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** For this tab only, and never in an address. */
export function setToken(token: string): void {
  sessionStorage.setItem(TOKEN, token);
}

/** A GET; rejects with `Refused`. */
export async function read<T>(path: string): Promise<T> {
  return (await (await request(path, {})).json()) as T;
}

/** A change; rejects with `Refused`. */
export async function change(method: 'POST' | 'PUT', path: string, body: object): Promise<void> {
  await request(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
}

async function request(path: string, init: RequestInit): Promise<Response> {
  const token = sessionStorage.getItem(TOKEN);
  const headers = new Headers(init.headers);
  if (token !== null) headers.set('authorization', `Bearer ${token}`);
  const reply = await fetch(path, { ...init, headers });
  if (!reply.ok) throw new Refused(reply.status, await wordsOf(reply));
  return reply;
}

async function wordsOf(reply: Response): Promise<string> {
  try {
    const { error } = (await reply.json()) as { error?: { message?: string } };
    return error?.message ?? reply.statusText;
  } catch {
    return reply.statusText;
  }
}

export type Connection = 'live' | 'connecting' | 'lost' | 'token';

/** Who is told what the stream says. */
export interface StreamWatcher {
  state(state: LiveState): void;
  connection(connection: Connection, why: string): void;
}

/** Follows the broker while the page is looked at, through its restarts. Returns what has it try again at once. */
export function follow(watcher: StreamWatcher): () => void {
  let current: AbortController | undefined;
  let waitMs = FIRST_WAIT_MS;
  let timer: number | undefined;
  const start = (): void => {
    clearTimeout(timer);
    current?.abort();
    current = undefined;
    if (document.hidden) return;
    const mine = new AbortController();
    current = mine;
    watcher.connection('connecting', '');
    void stream(mine, watcher, () => { waitMs = FIRST_WAIT_MS; }).catch((thrown: unknown) => {
      if (current !== mine) return;
      if (thrown instanceof Refused && thrown.status === 401) return watcher.connection('token', thrown.message);
      watcher.connection('lost', thrown instanceof Error ? thrown.message : String(thrown));
      timer = window.setTimeout(start, waitMs);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    });
  };
  document.addEventListener('visibilitychange', start);
  start();
  return start;
}

/** Ends only by an error: the broker never ends a stream while it lives. */
async function stream(abort: AbortController, watcher: StreamWatcher, opened: () => void): Promise<never> {
  const reply = await request('/admin/watch', { signal: abort.signal });
  if (reply.body === null) throw new Error('the stream has no body');
  const parser = new EventStreamParser();
  let state: LiveState | undefined;
  let silence: number | undefined;
  try {
    for await (const text of reply.body.pipeThrough(new TextDecoderStream())) {
      clearTimeout(silence);
      silence = window.setTimeout(() => abort.abort(new Error('the broker fell silent')), SILENCE_MS);
      for (const { name, data } of parser.push(text)) {
        if (name === 'state') state = begin(JSON.parse(data) as Snapshot);
        else if (state !== undefined) state = advance(state, JSON.parse(data) as Tick);
      }
      if (state === undefined) continue;
      opened();
      watcher.connection('live', '');
      watcher.state(state);
    }
  } finally {
    clearTimeout(silence);
  }
  throw new Error('the broker ended the stream');
}
