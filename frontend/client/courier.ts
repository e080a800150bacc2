import { backoffMs } from './backoff.ts';
import type { CallOptions, ClientOptions } from './client-options.ts';
import { TradewindError } from './tradewind-error.ts';

/** A request; without a body where it has no content type. */
export interface Sent {
  readonly search: string;
  readonly contentType?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

interface SendOptions extends CallOptions {
  /** No retry begins after it. */
  readonly budgetMs?: number;
  /** How long one try may take, where that is not the client's timeout. */
  readonly timeoutMs?: number;
  readonly method?: 'POST' | 'PUT' | 'GET';
  /** Goes with the operator's token. */
  readonly admin?: boolean;
}

/** Sends, and sends again where that may help. */
export class Courier {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #adminToken: string | undefined;
  readonly #timeoutMs: number;
  readonly #retries: number;
  readonly #fetch: typeof fetch;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #sleep: (ms: number) => Promise<void>;

  constructor(options: ClientOptions) {
    this.#url = options.url.replace(/\/+$/u, '');
    this.#token = options.token;
    this.#adminToken = options.adminToken;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#retries = options.retries ?? 3;
    // Browsers insist that fetch is called on the window.
    this.#fetch = options.fetch ?? ((...call) => fetch(...call));
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    this.#sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  /** `make` gets the milliseconds that were spent so far. */
  async send(path: string, make: (spentMs: number) => Sent, options: SendOptions): Promise<unknown> {
    const { signal, timeoutMs = this.#timeoutMs, budgetMs = timeoutMs } = options;
    const began = this.#now();
    const lastMs = Math.min(budgetMs, timeoutMs);
    for (let retry = 0, spentMs = 0; ; retry++) {
      signal?.throwIfAborted();
      const error = await this.#try(path, make(spentMs), options, timeoutMs - spentMs);
      if (!(error instanceof TradewindError)) return error;
      const waitMs = backoffMs(retry, this.#random(), error.retryAfterMs);
      if (!error.retryable || retry >= this.#retries || this.#now() - began + waitMs >= lastMs) throw error;
      await this.pause(waitMs, signal);
      spentMs = this.#now() - began;
      // A timer may come late.
      if (spentMs >= lastMs) throw error;
    }
  }

  /** The body of the answer, or why there is none; throws only the reason of an abort. */
  async #try(path: string, { search, contentType, body }: Sent, { signal, method = 'POST', admin = false, timeoutMs = this.#timeoutMs }: SendOptions, leftMs: number): Promise<unknown> {
    const token = admin ? this.#adminToken : this.#token;
    const limit = AbortSignal.timeout(Math.max(1, Math.ceil(leftMs)));
    try {
      const reply = await this.#fetch(`${this.#url}${path}${search}`, {
        method, ...(body === undefined ? {} : { body }), signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        headers: { ...(contentType === undefined ? {} : { 'content-type': contentType }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      });
      const text = await reply.text();
      const document = json(text);
      return reply.ok && document !== undefined ? document : TradewindError.fromReply(reply.status, document, reply.headers.get('retry-after'));
    } catch (cause) {
      signal?.throwIfAborted();
      if (limit.aborted) return new TradewindError('timeout', `no answer within ${timeoutMs} ms`, { status: 0, retryable: false, cause });
      return new TradewindError('unreachable', `the broker at ${this.#url} cannot be reached`, { status: 0, retryable: true, cause });
    }
  }

  /** Waits, or rejects with the reason of an abort. */
  async pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal === undefined) return this.#sleep(ms);
    let stop = (): void => {};
    const aborted = new Promise<void>((resolve) => { stop = resolve; });
    signal.addEventListener('abort', stop, { once: true });
    await Promise.race([this.#sleep(ms), aborted]);
    signal.removeEventListener('abort', stop);
    signal.throwIfAborted();
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
