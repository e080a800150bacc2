import Type from 'typebox';
import type { TSchema } from 'typebox';
import type { ErrorCode } from '../../domain/errors.ts';
import { NAME_PATTERN } from '../../domain/model.ts';
import type { RouteEntry, RouteParameter } from '../route-table.ts';

const NAMES = Type.Array(Type.String());
const CHANGES = Type.Object({ added: NAMES, changed: NAMES, removed: NAMES });
const HELD = Type.Array(Type.Object({ name: Type.String(), by: Type.String() }), { description: 'What of it the configuration file (`file`) or a source (its folder) holds, and says anew at the next start and apply.' });
const CHANGED = Type.Object({ revision: Type.Integer(), dry_run: Type.Boolean(), diff: Type.Object({ models: CHANGES, labels: CHANGES, apps: CHANGES, rules: Type.Optional(CHANGES), sources: Type.Optional(CHANGES) }), held: Type.Optional(HELD) });
const ETAG = { name: 'etag', description: 'Revision of the whole desired state.', schema: Type.String() };

const PARAMETERS: Readonly<Record<string, RouteParameter>> = {
  app: pathParameter('app', 'Name of the app.', Type.String({ pattern: NAME_PATTERN })),
  model: pathParameter('model', 'Name of the model.', Type.String({ pattern: NAME_PATTERN })),
  version: pathParameter('version', 'Version of the model.', Type.Integer({ minimum: 1 })),
  decision: pathParameter('decision', 'A decision id, with or without a row.', Type.String({ maxLength: 160 })),
  label: pathParameter('label', 'A label, never all digits.', Type.String({ pattern: NAME_PATTERN })),
  replica: pathParameter('replica', 'Number of the replica: of `digits@1/3.2` it is 3.', Type.Integer({ minimum: 1 })),
  token: pathParameter('token', 'Name of the token.', Type.String({ pattern: NAME_PATTERN })),
};
const CHANGE_PARAMETERS: readonly RouteParameter[] = [
  { in: 'query', name: 'dry_run', description: 'Only say what would change.', schema: Type.Boolean() },
  { in: 'header', name: 'if-match', description: 'The etag that the change is based on; it is refused where the state has moved on.', schema: Type.String() },
];

interface Route {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly errors?: readonly ErrorCode[];
  /** Beside those of the path. */
  readonly parameters?: readonly RouteParameter[];
}

/** A route that reads; where it shows durable state its answer has an etag. */
export function readEntry({ schema, etag = false, ...route }: Route & { readonly schema: TSchema; readonly etag?: boolean }): RouteEntry {
  return {
    ...route, method: 'GET', tag: 'admin', parameters: [...pathParameters(route.path), ...route.parameters ?? []],
    replies: [{ status: 200, description: route.summary, content: [{ mediaType: 'application/json', schema }], ...(etag ? { headers: [ETAG] } : {}) }],
    errors: ['unauthenticated', 'unknown_field', ...route.errors ?? []],
  };
}

/** A route that changes durable state. */
export function changeEntry({ body, errors = [], schema = CHANGED, ...route }: Route & { readonly method: 'PUT' | 'POST' | 'DELETE'; readonly body?: TSchema; readonly schema?: TSchema }): RouteEntry {
  return {
    ...route, tag: 'admin', parameters: [...pathParameters(route.path), ...CHANGE_PARAMETERS],
    ...(body === undefined ? {} : { body: { required: true, content: [{ mediaType: 'application/json', schema: body }] } }),
    replies: [{ status: 200, description: 'What changed, or would.', content: [{ mediaType: 'application/json', schema }], headers: [ETAG] }],
    errors: ['unauthenticated', 'cross_origin', 'stale_etag', 'not_saved', 'unknown_field', 'invalid_field', ...bodyErrors(body), ...errors],
  };
}

/** A route that does something at once, and is no change of durable state: no etag, no dry run. */
export function actEntry({ body, errors = [], schema, parameters = [], ...route }: Route & { readonly method: 'PUT' | 'POST' | 'DELETE'; readonly body?: TSchema; readonly schema: TSchema }): RouteEntry {
  return {
    ...route, tag: 'admin', parameters: [...pathParameters(route.path), ...parameters],
    ...(body === undefined ? {} : { body: { required: true, content: [{ mediaType: 'application/json', schema: body }] } }),
    replies: [{ status: 200, description: route.summary, content: [{ mediaType: 'application/json', schema }] }],
    errors: ['unauthenticated', 'cross_origin', 'unknown_field', 'invalid_field', ...bodyErrors(body), ...errors],
  };
}

function bodyErrors(body: TSchema | undefined): readonly ErrorCode[] {
  return body === undefined ? [] : ['not_json', 'body_too_large', 'invalid_config'];
}

function pathParameters(path: string): RouteParameter[] {
  return [...path.matchAll(/\{(\w+)\}/gu)].flatMap(([, name = '']) => PARAMETERS[name] ?? []);
}

function pathParameter(name: string, description: string, schema: TSchema): RouteParameter {
  return { in: 'path', name, description, schema, required: true };
}
