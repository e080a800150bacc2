import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { RouteEntry } from '../route-table.ts';
import { readBody } from './body.ts';
import { readRoute, type AdminChange, type AdminResult, type ChangeRoute } from './change-route.ts';
import { changeEntry, readEntry } from './entries.ts';
import { name } from './path-words.ts';

/** What admin needs of the owner of its tokens (frontend/lifecycle/admin-tokens.ts). */
export interface AdminTokenOwner {
  readonly etag: string;
  list(): readonly { readonly name: string; readonly digests: readonly string[]; readonly fromFile: boolean }[];
  put(name: string, digests: readonly string[], options: AdminChange): Promise<AdminResult>;
  remove(name: string, options: AdminChange): Promise<AdminResult>;
}

const DIGESTS = Type.Array(Type.String({ pattern: '^[0-9a-f]{64}$', expected: 'a SHA-256 digest, 64 hexadecimal digits' }), {
  minItems: 1, maxItems: 4, uniqueItems: true, description: 'SHA-256 digests of the secrets that it has: two of them while one is being replaced by the other.',
});
const TOKEN_BODY = Type.Object({ digests: DIGESTS }, { additionalProperties: false });
const NAMES = Type.Array(Type.String());
const CHANGED = Type.Object({ revision: Type.Integer(), dry_run: Type.Boolean(), diff: Type.Object({ tokens: Type.Object({ added: NAMES, changed: NAMES, removed: NAMES }) }) });

export const TOKEN_ROUTES: readonly RouteEntry[] = Object.freeze([
  readEntry({ path: '/admin/tokens', operationId: 'listTokens', summary: 'The bearer tokens of admin: names and digests, never secrets.', etag: true, schema: Type.Object({ tokens: Type.Array(Type.Object({ name: Type.String(), digests: Type.Array(Type.String()), from_file: Type.Boolean({ description: 'It is that of `admin.token_file`: changed there, and read again on SIGHUP.' }) })) }) }),
  changeEntry({ method: 'PUT', path: '/admin/tokens/{token}', operationId: 'putToken', summary: 'Adds a token, or gives it other secrets: the caller makes the secret and sends its digest.', body: TOKEN_BODY, schema: CHANGED }),
  changeEntry({ method: 'DELETE', path: '/admin/tokens/{token}', operationId: 'deleteToken', summary: 'Takes a token away: it is refused from now on.', schema: CHANGED, errors: ['unknown_token', 'in_use'] }),
]);

/** Registers `/admin/tokens`. */
export function tokenRoutes(fastify: FastifyInstance, change: ChangeRoute, tokens: AdminTokenOwner): void {
  readRoute(fastify, '/admin/tokens', () => ({ tokens: tokens.list().map(({ fromFile, ...token }) => ({ ...token, from_file: fromFile })) }), () => tokens.etag);
  change('PUT', '/admin/tokens/:token', ({ params, body }, options) => tokens.put(name(params.token), readBody(TOKEN_BODY, body).digests, options));
  change('DELETE', '/admin/tokens/:token', ({ params }, options) => tokens.remove(params.token, options));
}
