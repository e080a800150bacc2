import type { Exchange } from '../exchange/exchange.ts';
import type { LaneRoute } from '../lane/lane-route.ts';
import type { AskedInference } from './door.ts';
import { askedByPath } from './path.ts';

/** What no router would read as anything else: nothing to decode, no query. */
const PLAIN = /^\/v1\/models\/[A-Za-z0-9._-]+(?:\/(?:versions|labels)\/[A-Za-z0-9._-]+)?:(?:predict|classify|regress)$/;

/** Takes requests to infer in the form in which nearly all come, past the router and past node:http: bodies that are not compressed. */
export function plainInference(take: (exchange: Exchange, asked: AskedInference) => void): LaneRoute {
  return (path, headers) => {
    if (headers['content-encoding'] !== undefined || !PLAIN.test(path)) return undefined;
    const asked = askedByPath('POST', path);
    return asked.kind === 'infer' ? (exchange) => take(exchange, asked) : undefined;
  };
}
