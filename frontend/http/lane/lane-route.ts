import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from '../exchange/exchange.ts';

/**
 * A route whose requests the lane takes: says what becomes of a POST request to this path with these headers, undefined
 * where it is no request of the route in its plain form. The same head always gets the same: what it says is remembered.
 */
export type LaneRoute = (path: string, headers: IncomingHttpHeaders) => ((exchange: Exchange) => void) | undefined;

/** What the first route that takes such a request does with it. */
export function takerOf(routes: readonly LaneRoute[], path: string, headers: IncomingHttpHeaders): ReturnType<LaneRoute> {
  for (const route of routes) {
    const take = route(path, headers);
    if (take !== undefined) return take;
  }
  return undefined;
}
