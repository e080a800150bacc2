import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { BrokerError } from '../../domain/errors.ts';

/** The bearer tokens that are known. Their secrets are never logged, never in an answer. */
export interface TokenBook {
  /** How many there are; where there is one, it is asked for. */
  readonly size: number;
  /** Which token has this secret; undefined for none. Takes as long for a wrong one as for a right one. */
  nameOf(secret: string): string | undefined;
}

export interface AdminAccess {
  /** Absent: there are none. */
  readonly tokens?: TokenBook;
  /** The broker listens where only this machine reaches it. */
  readonly loopback: boolean;
  /** Connections over the operator's own socket; absent: there are none. */
  readonly operators?: { has(socket: Socket): boolean };
}

/** What is looked at in a request. */
export interface AdminCall {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
}

/** What files are uploaded as: no page of another origin can send it without asking first, either. */
export const ARCHIVE_TYPE = 'application/x-tar';

/** What somebody is called who needs no token. */
export const OPERATOR = 'socket';

/**
 * Who comes in, by the name that the audit log has for them, or why they may not (design.md, "Safe by default"): whoever
 * runs the broker by the control socket; with a token where there are any; without one on loopback only. Changes are taken
 * from the same origin only, and in JSON: a page of another origin cannot send that without asking first.
 */
export function adminCaller(call: AdminCall, access: AdminAccess): string | BrokerError {
  if (access.operators?.has(call.socket) === true) return OPERATOR;
  const who = bearer(call.headers.authorization, access);
  if (typeof who !== 'string' || call.method === 'GET' || call.method === 'HEAD') return who;
  if (!isSameOrigin(call.headers)) return new BrokerError('cross_origin');
  if (call.method === 'DELETE' && call.headers['content-type'] === undefined && !hasBody(call.headers)) return who;
  if (call.method === 'PUT' && call.headers['content-type'] === ARCHIVE_TYPE) return who;
  return isJson(call.headers['content-type']) ? who : new BrokerError('unsupported_media_type', 'Changes are taken as application/json.');
}

/** The name of whoever shows this `Authorization` header, without regard to what it asks. */
export function bearer(authorization: string | undefined, { tokens, loopback }: AdminAccess): string | BrokerError {
  if (tokens === undefined || tokens.size === 0) {
    return loopback ? 'loopback' : new BrokerError('unauthenticated', 'Off loopback admin needs a bearer token: admin.token_file names one, `tradewind token add` makes one.');
  }
  const secret = /^Bearer +(\S+) *$/iu.exec(authorization ?? '')?.[1];
  const name = secret === undefined ? undefined : tokens.nameOf(secret);
  return name === undefined ? new BrokerError('unauthenticated') : `token:${name}`;
}

/** Browsers say where a request comes from (Fetch Metadata; RFC 6454 for `Origin`); other programs say nothing. */
export function isSameOrigin(headers: IncomingHttpHeaders): boolean {
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
