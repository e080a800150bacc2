import type { LaneRoute } from '../lane/lane-route.ts';
import type { InferRequest } from './door.ts';

const PREFIX = '/v2/models/';
const SUFFIX = '/infer';
/** What no router would read as anything else. */
const PLAIN = /^([a-z0-9._-]{1,64})(?:\/versions\/([a-z0-9._-]{1,64}))?$/;

/** Takes inference requests in the form in which nearly all come, past the router and past node:http: nothing to decode, no query. */
export function plainInfer(take: (request: InferRequest) => void): LaneRoute {
  return (path) => {
    if (!path.startsWith(PREFIX) || !path.endsWith(SUFFIX)) return undefined;
    const found = PLAIN.exec(path.slice(PREFIX.length, -SUFFIX.length));
    if (found === null) return undefined;
    const [, model = '', version] = found;
    return (exchange) => take({ exchange, model, version });
  };
}
