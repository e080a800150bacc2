import type { LaneRoute } from './lane/lane-route.ts';
import { predictOptions } from './predict-options.ts';
import type { PredictCall } from './predict.ts';

const PREFIX = '/v1/apps/';
const SUFFIX = '/predict';
/** What no router would read as anything else. */
const PLAIN_NAME = /^[a-z0-9._-]{1,64}$/;
const NO_QUERY = Object.freeze({});

/**
 * Takes a predict request in the form in which nearly all come: no query, nothing to decode in the name, a media type without
 * parameters. It need not go through the router, nor through node:http; of any other request the router decides, and would
 * of these decide the same.
 */
export function plainPredict(take: (call: PredictCall) => void): LaneRoute {
  return (path, headers) => {
    if (!path.startsWith(PREFIX) || !path.endsWith(SUFFIX)) return undefined;
    const type = headers['content-type'];
    const media = type === 'application/json' ? 'json' : type === 'application/octet-stream' ? 'binary' : undefined;
    const appName = path.slice(PREFIX.length, -SUFFIX.length);
    if (media === undefined || !PLAIN_NAME.test(appName)) return undefined;
    const settings = predictOptions(headers, NO_QUERY, media);
    return (exchange) => take({ exchange, appName, media, settings });
  };
}
