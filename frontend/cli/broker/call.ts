import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { CommandContext } from '../terminal/context.ts';
import { CommandFailure, EXIT } from '../terminal/failure.ts';
import { harmless } from '../terminal/screen.ts';
import { reachOf, type Reach, type ReachWords } from './reach.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/** What a broker answered: JSON, whatever the status. */
export interface Reply {
  readonly status: number;
  readonly etag: string | undefined;
  readonly body: unknown;
}

export interface CallOptions {
  readonly body?: unknown;
  /** The body as it stands, where it is JSON already. */
  readonly text?: string;
  /** The body as it stands, where it is no JSON; `headers` say what it is. */
  readonly bytes?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** How long nothing may come, in milliseconds; 20 s where it is a GET, else two minutes. */
  readonly limitMs?: number;
}

const MAX_REPLY_BYTES = 64 * 1024 * 1024;
/** A change may have to wait for others, and for the disk; a look is answered from memory, and who looks wants to know that nobody answers. */
const CHANGE_LIMIT_MS = 120_000;
const LOOK_LIMIT_MS = 20_000;

/** A broker that is asked over HTTP, one connection a call. */
export class BrokerCalls {
  readonly reach: Reach;

  constructor(reach: Reach) {
    this.reach = reach;
  }

  static async to(words: ReachWords, context: Pick<CommandContext, 'environment' | 'workingFolder'>): Promise<BrokerCalls> {
    return new BrokerCalls(await reachOf(words, context));
  }

  /** The body of a 200 answer. Any other answer is a failure, in the broker's own words. */
  async ask<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
    const reply = await this.send(method, path, options);
    if (reply.status !== 200) throw refusal(reply);
    return reply.body as T;
  }

  /** Whatever is answered. Fails where no broker is reached. */
  send(method: Method, path: string, { body, text, bytes, headers = {}, limitMs = method === 'GET' ? LOOK_LIMIT_MS : CHANGE_LIMIT_MS }: CallOptions = {}): Promise<Reply> {
    const payload = bytes ?? text ?? (body === undefined ? undefined : JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const call = this.#request(method, path, { ...(method === 'GET' ? {} : { 'content-type': 'application/json' }), ...headers }, (response) => {
        readReply(response).then(resolve, reject);
      });
      call.setTimeout(limitMs, () => call.destroy(new Error(`no answer within ${limitMs / 1000} s`)));
      call.on('error', (error: NodeJS.ErrnoException) => reject(this.#unreachable(error)));
      call.end(payload);
    });
  }

  #request(method: Method, path: string, headers: Readonly<Record<string, string>>, take: (response: IncomingMessage) => void): ReturnType<typeof httpRequest> {
    const { reach } = this;
    const options: RequestOptions = { method, path, agent: false };
    if (reach.kind === 'socket') return httpRequest({ ...options, socketPath: reach.path, headers }, take);
    const { url, socketPath, token, tls } = reach;
    const said = { ...options, headers: { ...headers, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) } };
    if (socketPath !== undefined) return httpRequest({ ...said, socketPath, path }, take);
    return url.protocol === 'https:' ? httpsRequest(new URL(path, url), { ...said, ...tls }, take) : httpRequest(new URL(path, url), said, take);
  }

  #unreachable(error: NodeJS.ErrnoException): CommandFailure {
    const { reach } = this;
    if (error instanceof CommandFailure) return error;
    if (reach.kind === 'url') return new CommandFailure(`the broker at ${reach.socketPath ?? reach.url.origin} cannot be reached: ${whyNot(error)}`, EXIT.unreachable);
    const absent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
    return new CommandFailure(absent
      ? `no broker runs with state_dir ${reach.stateDir}: start one with \`tradewind serve\`, or say --url, --config or --state-dir.`
      : `the broker with state_dir ${reach.stateDir} cannot be reached: ${error.message}`, EXIT.unreachable);
  }
}

/** What Node says of a certificate of which it does not know who vouches for it. */
const UNVOUCHED = /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE)/u;

/** Node's advice is for programs of one's own. */
function whyNot({ code = '', message }: NodeJS.ErrnoException): string {
  return UNVOUCHED.test(code) ? `its certificate is not trusted: ${message.split(';')[0]} (${code}). Say --ca FILE, with the certificate (PEM) of the authority that vouches for it` : message;
}

/** A failure in the broker's own words: its message, then a line for each detail. */
export function refusal({ status, body }: Reply): CommandFailure {
  const { error } = (body ?? {}) as { error?: { code?: string; message?: string; path?: string; details?: readonly { path?: string; message?: string; expected?: string }[] } };
  const { message } = (body ?? {}) as { message?: string };
  if (error === undefined) return new CommandFailure(message === undefined ? `the broker answered ${status}: ${harmless(JSON.stringify(body)).slice(0, 500)}` : harmless(message));
  const details = (error.details ?? []).map(({ path = '', message = '', expected }) => `  ${[path, message].filter((part) => part !== '').join(': ')}${expected === undefined ? '' : ` (expected ${expected})`}`);
  const remedy = error.code === 'unauthenticated' ? ' Say --token-file, or give it in TRADEWIND_TOKEN.' : '';
  return new CommandFailure([`${error.code ?? status}: ${error.message ?? ''}${error.path === undefined ? '' : ` (${error.path})`}${remedy}`, ...details].map(harmless).join('\n'));
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REPLY_BYTES) throw new CommandFailure('the broker answered more than can be read');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  try {
    return { status: response.statusCode ?? 0, etag: response.headers.etag, body: text === '' ? undefined : JSON.parse(text) as unknown };
  } catch {
    throw new CommandFailure(`what answered is no broker: ${harmless(text).slice(0, 200)}`, EXIT.unreachable);
  }
}
