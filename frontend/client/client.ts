import type { Answer, Answers } from './answer.ts';
import type { CallOptions, ClientOptions } from './client-options.ts';
import { Courier } from './courier.ts';
import { deploy, type DeployOptions, type DeployTarget } from './deploy.ts';
import type { Feedback, FeedbackResult } from './feedback.ts';
import { predictRequest, type RowQuery, type RowsQuery } from './query.ts';

export type { Answer, Answers, Source } from './answer.ts';
export type { CallOptions, ClientOptions } from './client-options.ts';
export type { DeployOptions, DeployTarget, Files } from './deploy.ts';
export type { Feedback, FeedbackResult } from './feedback.ts';
export type { Query, RowQuery, RowsQuery } from './query.ts';
export { TradewindError } from './tradewind-error.ts';

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
  /**
   * Serves a function that stands by itself, or files, as a version of a model: uploads it through admin, which must allow code,
   * and resolves once it is ready. Rejects with `TradewindError`: `not_ready`, with the container's last words, where it keeps failing.
   */
  deploy(name: string, version: number, target: DeployTarget, options?: DeployOptions): Promise<void>;
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
    deploy: (name, version, target, more = {}) => deploy(courier, { name, version, target, options: more }),
  };
}
