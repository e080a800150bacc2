import type { IncomingMessage } from 'node:http';
import type { Refusal } from './error-reply.ts';
import { bodyCoding } from './exchange/compression.ts';

/**
 * What every request has to pass before any route sees it; says why it is refused, or undefined.
 *
 * The `Host` header must be on the allow-list, and there must be one (RFC 9112 §3.2). The target must be a path: a whole
 * URL names a host of its own. Bodies come as they are, or, to what takes many numbers, in gzip or deflate; none but chunked
 * transfer, none longer than `maxBodyBytes` by what they say themselves.
 */
export function gate(allows: (host: string | undefined) => boolean, maxBodyBytes: number): (request: IncomingMessage) => Refusal | undefined {
  return (request) => {
    const { headers, url = '' } = request;
    if (!allows(headers.host)) return { code: 'wrong_host', message: 'The Host header is not on the allow-list; `allowed_hosts` adds names.' };
    if (hasTwoHosts(request.rawHeaders)) return { code: 'malformed_request', message: 'There is more than one Host header.' };
    if (url.charCodeAt(0) !== SLASH && url !== '*') return { code: 'malformed_request', message: 'The target of the request must be a path.' };
    const coding = bodyCoding(headers['content-encoding']);
    if (coding !== 'identity' && (coding === undefined || !INFLATES.test(url))) {
      return { code: 'unsupported_media_type', message: INFLATES.test(url) ? 'Bodies are taken as they are, or in gzip or deflate.' : 'Bodies are taken without a content encoding.' };
    }
    const transfer = headers['transfer-encoding'];
    if (transfer !== undefined && transfer.toLowerCase() !== 'chunked') {
      return { code: 'unsupported_media_type', message: 'The only transfer encoding is chunked.' };
    }
    if (Number(headers['content-length'] ?? 0) > maxBodyBytes) {
      return { code: 'body_too_large', message: `The body may have at most ${maxBodyBytes} bytes.` };
    }
    return undefined;
  };
}

const SLASH = 0x2f;
/** Routes that take compressed bodies. */
const INFLATES = /^\/(?:v1\/(?:models\/|apps\/[^/?]+\/predict(?:\?|$)|feedback(?:\?|$))|v2\/models\/)/;

/** Node keeps the first of several Host headers; somebody in between may have kept the last. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}
