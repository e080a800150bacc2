import { BrokerError, ERRORS, type ErrorCode } from '../domain/errors.ts';
import type { Refusal } from './error-reply.ts';

/** Fastify's codes for requests that it cannot take → ours. */
const FASTIFY_CODES: ReadonlyMap<string, ErrorCode> = new Map<string, ErrorCode>([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'body_too_large'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported_media_type'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'malformed_request'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'not_json'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'not_json'],
  ['FST_ERR_BAD_URL', 'malformed_request'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'unknown_route'],
  ['FST_ERR_VALIDATION', 'invalid_field'],
]);

/**
 * What a route, or fastify before it, threw, as a refusal of the table. `internal` says nothing of what happened: that is
 * for the log.
 */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof BrokerError) {
    const { code, message, path, details, retryAfterMs } = thrown;
    return { code, message, ...(path === undefined ? {} : { path }), ...(details === undefined ? {} : { details }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  if (!(thrown instanceof Error)) return { code: 'internal', message: ERRORS.internal.message };
  const { code: fastifyCode = '', statusCode, validation } = thrown as Error & { code?: string; statusCode?: number; validation?: readonly { instancePath?: string }[] };
  // Fastify puts 400 on what went wrong while it read a body: mostly its client broke off, and nobody hears this.
  const code = FASTIFY_CODES.get(fastifyCode) ?? (statusCode === 400 ? 'malformed_request' : 'internal');
  const path = validation?.[0]?.instancePath;
  return { code, message: messageOf(code, thrown.message, fastifyCode), ...(path === undefined || path === '' ? {} : { path }) };
}

function messageOf(code: ErrorCode, thrown: string, thrownCode: string): string {
  if (code === 'invalid_field') return thrown;
  // zlib's codes, while a body was read.
  return code === 'malformed_request' && thrownCode.startsWith('Z_') ? 'The body cannot be inflated.' : ERRORS[code].message;
}
