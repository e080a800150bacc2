import type { IncomingMessage, ServerResponse } from 'node:http';

/** Which pages of other origins may ask. */
export interface CorsRules {
  /** `https://app.example`; `*`: every one. Empty: none. However they are written: browsers say them in small letters, without the port that goes without saying. */
  readonly origins: readonly string[];
  readonly maxAgeSeconds: number;
}

/**
 * What pages may use: predictions in every protocol, feedback, and what there is to know of models. Nothing below `/admin`, no
 * metrics, no loading of models. Only paths in which nothing is encoded, so that no router reads another path than this does.
 */
const OPEN = /^\/(?:v1\/(?:apps\/[\w.-]+\/predict|feedback|models(?:\/[\w.:/-]*)?)|v2(?:\/(?!repository)[\w./-]*)?)$/;

const METHODS = 'GET, POST';
const ASKED = ['authorization', 'content-type', 'content-encoding', 'inference-header-content-length', 'traceparent', 'x-request-id', ...['slo-ms', 'dtype', 'shape', 'model', 'version', 'explain', 'context', 'priority'].map((word) => `tradewind-${word}`)].join(', ');
const TOLD = ['inference-header-content-length', 'retry-after', 'x-request-id', ...['decision-id', 'source', 'model', 'version', 'confidence', 'reason'].map((word) => `tradewind-${word}`)].join(', ');

/**
 * Cross-origin requests (Fetch, section 3.2). Cookies and the like are never asked for: whoever may ask shows a bearer token, which
 * a page has to know, so that `*` opens nothing that a token closes.
 */
export class Cors {
  readonly #origins: ReadonlySet<string>;
  readonly #maxAge: string;

  constructor({ origins, maxAgeSeconds }: CorsRules) {
    this.#origins = new Set(origins.map((origin) => URL.parse(origin)?.origin ?? origin));
    this.#maxAge = String(maxAgeSeconds);
  }

  /**
   * Says in the answer to a request whether the page that sent it may read it. `preflight`: the request only asks whether it may,
   * and is to be answered 204; `refused`: it asks, and may not.
   */
  mark({ method, url = '', headers }: IncomingMessage, response: ServerResponse): 'request' | 'preflight' | 'refused' {
    const { origin } = headers;
    if (origin === undefined || this.#origins.size === 0 || !OPEN.test(url.split('?', 1)[0] ?? '')) return 'request';
    const preflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
    response.setHeader('vary', 'origin');
    const allowed = this.#origins.has('*') ? '*' : this.#origins.has(origin) ? origin : undefined;
    if (allowed === undefined) return preflight ? 'refused' : 'request';
    response.setHeader('access-control-allow-origin', allowed);
    response.setHeader('access-control-expose-headers', TOLD);
    if (!preflight) return 'request';
    response.setHeader('access-control-allow-methods', METHODS);
    response.setHeader('access-control-allow-headers', ASKED);
    response.setHeader('access-control-max-age', this.#maxAge);
    // A page of the network that asks a broker on this machine (Private Network Access).
    if (headers['access-control-request-private-network'] === 'true') response.setHeader('access-control-allow-private-network', 'true');
    return 'preflight';
  }
}
