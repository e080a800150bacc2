import type { TSchema } from 'typebox';
import type { ErrorCode } from '../domain/errors.ts';

/**
 * One route of the native API as its documentation has it. Routes are registered with fastify under the same method and
 * path; a test holds the two equal. `path` is in OpenAPI's form, `/v1/apps/{app}/predict`.
 */
export interface RouteEntry {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Unique over all routes; what generated clients call it. */
  readonly operationId: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Parameters in the path, the query and the headers; every `{name}` of the path must be among them. */
  readonly parameters?: readonly RouteParameter[];
  readonly body?: { readonly required: boolean; readonly content: readonly RouteContent[]; readonly description?: string };
  readonly replies: readonly RouteReply[];
  /** Refusals from the table of errors that this route can give, beside those that every route can. */
  readonly errors: readonly ErrorCode[];
  /** Refusals are `{"error": "text"}`, as the protocols of others have them. */
  readonly plainErrors?: true;
}

export interface RouteParameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly description: string;
  readonly schema: TSchema;
  /** Path parameters always are. */
  readonly required?: boolean;
}

export interface RouteContent {
  readonly mediaType: string;
  readonly schema: TSchema;
}

export interface RouteReply {
  readonly status: number;
  readonly description: string;
  readonly content?: readonly RouteContent[];
  readonly headers?: readonly { readonly name: string; readonly description: string; readonly schema: TSchema }[];
}

/** What any route can answer: the request never came as far as the route. */
export const ERRORS_OF_EVERY_ROUTE: readonly ErrorCode[] = Object.freeze([
  'malformed_request', 'headers_too_large', 'request_timeout', 'wrong_host', 'unsupported_media_type', 'internal',
]);

/** `/v1/apps/{app}/predict` as fastify writes it: `/v1/apps/:app/predict`. */
export function fastifyPath(path: string): string {
  return path.replaceAll(/\{([^}]+)\}/g, ':$1');
}
