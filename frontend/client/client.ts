import type { Answer, Answers } from './answer.ts';
import { backoffMs } from './backoff.ts';
import type { Feedback, FeedbackResult } from './feedback.ts';
import { predictRequest, type RowQuery, type RowsQuery } from './query.ts';
import { TradewindError } from './tradewind-error.ts';

export type { Answer, Answers, Source } from './answer.ts';
export type { Feedback, FeedbackResult } from './feedback.ts';
export type { Query, RowQuery, RowsQuery } from './query.ts';
export { TradewindError } from './tradewind-error.ts';

export interface ClientOptions {
  /** Where the broker is: `http://localhost:8000`. */
  readonly url: string;
  /** Bearer token. */
  readonly token?: string;
  /** Latency objective in milliseconds of queries that say none; the app's own where it is left out. */
  readonly sloMs?: number;
  /** How long a call may take in all, retries included; 10 000. */
  readonly timeoutMs?: number;
  /** Most retries of a call; 3. */
  readonly retries?: number;
  /** For tests: `fetch`, milliseconds that only rise, a number in [0, 1), a wait. */
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface CallOptions {
  /** Aborts the call: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface Client {
  /**
   * An answer to one row, or to many. A failure that the broker calls retryable is tried again while the latency objective
   * (without one, `timeoutMs`) lasts, each time with what is left of it. Rejects with `TradewindError`.
   */
  predict<Output = unknown>(app: string, query: RowQuery, call?: CallOptions): Promise<Answer<Output>>;
  predict<Output = unknown>(app: string, query: RowsQuery, call?: CallOptions): Promise<Answers<Output>>;
  /** Resolves once the feedback is durable. Retries are safe: a decision is credited once, or once for each `id`. */
  feedback(item: Feedback, call?: CallOptions): Promise<FeedbackResult>;
  feedback(items: readonly Feedback[], call?: CallOptions): Promise<readonly FeedbackResult[]>;
}

/** Less than this is left of an objective: no answer can come in time. */
const LEAST_SLO_MS = 1;

/** A client of one broker, for browsers and for Node. It holds nothing open. */
export function createClient(options: ClientOptions): Client {
  const courier = new Courier(options);
  return {
    async predict(app: string, query: RowQuery | RowsQuery, call: CallOptions = {}) {
      const sloMs = query.slo_ms ?? options.sloMs;
      return await courier.send(`/v1/apps/${encodeURIComponent(app)}/predict`, (spentMs) => predictRequest(query, sloMs === undefined ? undefined : sloMs - spentMs), { ...call, ...(sloMs === undefined ? {} : { budgetMs: sloMs - LEAST_SLO_MS }) }) as never;
    },
    async feedback(given: Feedback | readonly Feedback[], call: CallOptions = {}) {
      const body = JSON.stringify(given);
      const reply = await courier.send('/v1/feedback', () => ({ search: '', contentType: 'application/json', body }), call);
      return (Array.isArray(given) ? (reply as { results: unknown }).results : reply) as never;
    },
  };
}

interface Sent {
  readonly search: string;
  readonly contentType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** Posts, and posts again where that may help. */
class Courier {
  readonly #url: string;
  readonly #token: string | undefined;
  readonly #timeoutMs: number;
  readonly #retries: number;
  readonly #fetch: typeof fetch;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #sleep: (ms: number) => Promise<void>;

  constructor(options: ClientOptions) {
    this.#url = options.url.replace(/\/+$/u, '');
    this.#token = options.token;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#retries = options.retries ?? 3;
    // Browsers insist that fetch is called on the window.
    this.#fetch = options.fetch ?? ((...call) => fetch(...call));
    this.#now = options.now ?? (() => performance.now());
    this.#random = options.random ?? Math.random;
    this.#sleep = options.sleep ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  }

  /** `make` gets the milliseconds that were spent so far; no retry begins after `budgetMs`. */
  async send(path: string, make: (spentMs: number) => Sent, { signal, budgetMs = this.#timeoutMs }: CallOptions & { readonly budgetMs?: number }): Promise<unknown> {
    const began = this.#now();
    const lastMs = Math.min(budgetMs, this.#timeoutMs);
    for (let retry = 0, spentMs = 0; ; retry++) {
      signal?.throwIfAborted();
      const error = await this.#post(path, make(spentMs), signal, this.#timeoutMs - spentMs);
      if (!(error instanceof TradewindError)) return error;
      const waitMs = backoffMs(retry, this.#random(), error.retryAfterMs);
      if (!error.retryable || retry >= this.#retries || this.#now() - began + waitMs >= lastMs) throw error;
      await this.#pause(waitMs, signal);
      spentMs = this.#now() - began;
      // A timer may come late.
      if (spentMs >= lastMs) throw error;
    }
  }

  /** The body of the answer, or why there is none; throws only the reason of an abort. */
  async #post(path: string, { search, contentType, body }: Sent, signal: AbortSignal | undefined, leftMs: number): Promise<unknown> {
    const limit = AbortSignal.timeout(Math.max(1, Math.ceil(leftMs)));
    try {
      const reply = await this.#fetch(`${this.#url}${path}${search}`, {
        method: 'POST', body, signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
        headers: { 'content-type': contentType, ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }) },
      });
      const text = await reply.text();
      const document = json(text);
      return reply.ok && document !== undefined ? document : TradewindError.fromReply(reply.status, document, reply.headers.get('retry-after'));
    } catch (cause) {
      signal?.throwIfAborted();
      if (limit.aborted) return new TradewindError('timeout', `no answer within ${this.#timeoutMs} ms`, { status: 0, retryable: false, cause });
      return new TradewindError('unreachable', `the broker at ${this.#url} cannot be reached`, { status: 0, retryable: true, cause });
    }
  }

  /** Waits, or rejects with the reason of an abort. */
  async #pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
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
