import type { IncomingMessage } from 'node:http';
import type { PredictCall } from './predict.ts';

const PREFIX = '/v1/apps/';
const SUFFIX = '/predict';
/** What no router would read as anything else. */
const PLAIN_NAME = /^[a-z0-9._-]{1,64}$/;
const NO_QUERY = Object.freeze({});

/**
 * A predict request in the form in which nearly all come: no query, nothing to decode in the name, a media type without
 * parameters. It need not go through the router, whose part of a request's cost is a twentieth; undefined for any other
 * request, of which the router decides, and would of these decide the same.
 */
export function plainPredict({ method, url = '', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): Pick<PredictCall, 'appName' | 'media' | 'query'> | undefined {
  if (method !== 'POST' || !url.startsWith(PREFIX) || !url.endsWith(SUFFIX)) return undefined;
  const type = headers['content-type'];
  const media = type === 'application/json' ? 'json' : type === 'application/octet-stream' ? 'binary' : undefined;
  if (media === undefined) return undefined;
  const appName = url.slice(PREFIX.length, -SUFFIX.length);
  return PLAIN_NAME.test(appName) ? { appName, media, query: NO_QUERY } : undefined;
}
