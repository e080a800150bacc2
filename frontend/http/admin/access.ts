import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BrokerError } from '../../domain/errors.ts';

export interface AdminAccess {
  /** The bearer token, where one is configured. Never logged, never in an answer. */
  readonly token?: string;
  /** The broker listens where only this machine reaches it. */
  readonly loopback: boolean;
}

/**
 * Who may come in (design.md, "Safe by default"): with the token where there is one; without one on loopback only.
 * Changes are taken from the same origin only, and in JSON: a page of another origin cannot send that without asking first.
 */
export function adminRefusal(method: string, headers: IncomingHttpHeaders, access: AdminAccess): BrokerError | undefined {
  const unauthenticated = tokenRefusal(headers.authorization, access);
  if (unauthenticated !== undefined || method === 'GET' || method === 'HEAD') return unauthenticated;
  if (!isSameOrigin(headers)) return new BrokerError('cross_origin');
  if (method === 'DELETE' && headers['content-type'] === undefined && !hasBody(headers)) return undefined;
  return isJson(headers['content-type']) ? undefined : new BrokerError('unsupported_media_type', 'Changes are taken as application/json.');
}

function tokenRefusal(authorization: string | undefined, { token, loopback }: AdminAccess): BrokerError | undefined {
  if (token === undefined) {
    return loopback ? undefined : new BrokerError('unauthenticated', 'Off loopback admin needs a bearer token, and admin.token_file names none.');
  }
  const given = /^Bearer +(\S+) *$/iu.exec(authorization ?? '')?.[1];
  return given !== undefined && isEqual(given, token) ? undefined : new BrokerError('unauthenticated');
}

/** In constant time: digests of equal length are compared, so that not even the token's length shows. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** Browsers say where a request comes from (Fetch Metadata; RFC 6454 for `Origin`); other programs say nothing. */
function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  const { origin } = headers;
  if (origin === undefined) return true;
  const parsed = URL.parse(origin);
  return parsed !== null && parsed.host !== '' && parsed.host === headers.host?.toLowerCase();
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json *(;.*)?$/iu.test(contentType ?? '');
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
