import Type from 'typebox';
import type { TSchema } from 'typebox';
import { APP, MODEL, STEERING_BODY } from '../../config/options.ts';
import { inputSchema, plain } from '../../config/schema.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { NAME_PATTERN } from '../../domain/model.ts';
import type { RouteEntry, RouteParameter } from '../route-table.ts';

export const REPLICAS_BODY = Type.Object({ replicas: Type.Integer({ minimum: 0, maximum: 256, description: 'Replicas to run.' }) }, { additionalProperties: false });
export const LABEL_BODY = Type.Object({ version: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description: 'The version that the label points at.' }) }, { additionalProperties: false });

const NAMES = Type.Array(Type.String());
const CHANGES = Type.Object({ added: NAMES, changed: NAMES, removed: NAMES });
const CHANGED = Type.Object({ revision: Type.Integer(), dry_run: Type.Boolean(), diff: Type.Object({ models: CHANGES, labels: CHANGES, apps: CHANGES }) });
const ETAG = { name: 'etag', description: 'Revision of the whole desired state.', schema: Type.String() };

/** What may be written: the words of the file, the names being in the path. */
const MODEL_BODY = written(MODEL, ['name', 'version']);
const APP_BODY = written(APP, ['name']);
const VERSION_VIEW = Type.Object({ spec: MODEL_BODY, labels: NAMES, status: Type.Unknown() });
const MODEL_VIEW = Type.Object({ name: Type.String(), versions: Type.Array(VERSION_VIEW), labels: Type.Record(Type.String(), Type.Integer()) });

const CACHE_VIEW = Type.Object({
  entries: Type.Integer({ description: 'Answers that can be given.' }),
  pending: Type.Integer({ description: 'Rows whose answer is on its way.' }),
  bytes: Type.Integer(), max_bytes: Type.Integer(),
  evictions: Type.Integer({ description: 'Answers that had to make room, since the start.' }),
  models: Type.Array(Type.Object({ model: Type.String(), entries: Type.Integer(), bytes: Type.Integer() })),
});

const ARM_VIEW = Type.Object({
  arm: Type.String(), version: Type.Union([Type.Integer(), Type.Null()]), replicas: Type.Integer(),
  open: Type.Boolean({ description: 'It may be asked within the objective of the app.' }),
  share: Type.Number({ description: 'Its probability for the next query; its weight in an ensemble.' }),
  reward: Type.Optional(Type.Object({
    mean: Type.Number(), low: Type.Number({ description: 'With 95 %.' }), high: Type.Number(), weight: Type.Number({ description: 'How many rewards that belief is worth.' }),
  })),
  probability_best: Type.Number(),
});
const SELECTION_VIEW = Type.Object({
  app: Type.String(), policy: Type.String(), contextual: Type.Boolean({ description: 'The policy reads the context; the shares are those of a query without one.' }),
  view: Type.Integer({ description: 'Rises with each reward that taught something.' }), steering: plain(STEERING_BODY), arms: Type.Array(ARM_VIEW),
});
const DECISION_VIEW = Type.Object({
  decision_id: Type.String(), app: Type.String(), at: Type.String(), mode: Type.String(), propensity: Type.Number(), rows: Type.Integer(),
  journal: Type.String({ description: 'What was said of its record when it was taken: none, kept, dropped.' }),
  context_hash: Type.String(),
  record: Type.Union([Type.Object({}), Type.Null()], { description: 'The record, where there is one still.' }),
});

const PARAMETERS: Readonly<Record<string, RouteParameter>> = {
  app: pathParameter('app', 'Name of the app.', Type.String({ pattern: NAME_PATTERN })),
  model: pathParameter('model', 'Name of the model.', Type.String({ pattern: NAME_PATTERN })),
  version: pathParameter('version', 'Version of the model.', Type.Integer({ minimum: 1 })),
  decision: pathParameter('decision', 'A decision id, with or without a row.', Type.String({ maxLength: 160 })),
  label: pathParameter('label', 'A label, never all digits.', Type.String({ pattern: NAME_PATTERN })),
};
const CHANGE_PARAMETERS: readonly RouteParameter[] = [
  { in: 'query', name: 'dry_run', description: 'Only say what would change.', schema: Type.Boolean() },
  { in: 'header', name: 'if-match', description: 'The etag that the change is based on; it is refused where the state has moved on.', schema: Type.String() },
];

/** What the admin routes are, for the OpenAPI document; a test holds it against the routes as registered. */
export const ADMIN_ROUTES: readonly RouteEntry[] = Object.freeze([
  read('/admin/state', 'adminState', 'The whole desired state, and what runs of it.', Type.Object({
    revision: Type.Integer(), models: Type.Array(VERSION_VIEW), labels: Type.Record(Type.String(), Type.Integer()), apps: Type.Array(APP_BODY),
    from_file: Type.Object({ models: NAMES, labels: NAMES, apps: NAMES }),
  })),
  read('/admin/models', 'listModels', 'All models.', Type.Object({ models: Type.Array(MODEL_VIEW) })),
  read('/admin/models/{model}', 'readModel', 'One model: its versions and labels.', MODEL_VIEW, ['unknown_model']),
  read('/admin/models/{model}/versions/{version}', 'readModelVersion', 'One version of a model.', VERSION_VIEW, ['unknown_version', 'invalid_field']),
  change({ method: 'PUT', path: '/admin/models/{model}/versions/{version}', operationId: 'putModelVersion', summary: 'Adds or changes a version of a model.', body: MODEL_BODY, errors: ['invalid_config', 'code_not_allowed'] }),
  change({ method: 'DELETE', path: '/admin/models/{model}/versions/{version}', operationId: 'deleteModelVersion', summary: 'Drains a version of a model and forgets it.', errors: ['unknown_model', 'unknown_version', 'in_use'] }),
  change({ method: 'PUT', path: '/admin/models/{model}/versions/{version}/replicas', operationId: 'setReplicas', summary: 'Sets how many replicas run; surplus ones are drained.', body: REPLICAS_BODY, errors: ['unknown_model', 'unknown_version', 'invalid_config'] }),
  read('/admin/models/{model}/labels/{label}', 'readLabel', 'The version that a label points at.', Type.Object({ model: Type.String(), label: Type.String(), version: Type.Integer() }), ['unknown_version']),
  change({ method: 'PUT', path: '/admin/models/{model}/labels/{label}', operationId: 'putLabel', summary: 'Points a label at a version that is ready.', body: LABEL_BODY, errors: ['unknown_model', 'unknown_version', 'not_ready', 'invalid_config'] }),
  change({ method: 'DELETE', path: '/admin/models/{model}/labels/{label}', operationId: 'deleteLabel', summary: 'Takes a label away.', errors: ['unknown_version', 'in_use'] }),
  read('/admin/apps', 'listApps', 'All apps.', Type.Object({ apps: Type.Array(APP_BODY) })),
  read('/admin/apps/{app}', 'readApp', 'One app.', APP_BODY, ['unknown_app']),
  change({ method: 'PUT', path: '/admin/apps/{app}', operationId: 'putApp', summary: 'Adds or changes an app.', body: APP_BODY, errors: ['invalid_config'] }),
  change({ method: 'DELETE', path: '/admin/apps/{app}', operationId: 'deleteApp', summary: 'Takes an app away.', errors: ['unknown_app'] }),
  change({ method: 'PUT', path: '/admin/apps/{app}/selection', operationId: 'steerApp', summary: 'The operator\'s hands on the selection of an app: all that they are from now on.', body: plain(STEERING_BODY), errors: ['unknown_app', 'invalid_config'] }),
  change({ method: 'DELETE', path: '/admin/apps/{app}/selection', operationId: 'releaseApp', summary: 'Takes the operator\'s hands off the selection of an app.', errors: ['unknown_app'] }),
  learned({ method: 'GET', path: '/admin/apps/{app}/selection', operationId: 'readSelection', summary: 'How an app chooses now: shares, rewards with intervals, and the probability of being best.', schema: SELECTION_VIEW, errors: ['unknown_app'] }),
  learned({ method: 'DELETE', path: '/admin/apps/{app}/selection/cells', operationId: 'resetSelection', summary: 'Forgets what an app has learned.', schema: Type.Object({ app: Type.String(), reset: Type.Boolean() }), errors: ['cross_origin', 'unknown_app', 'feedback_unavailable'] }),
  learned({ method: 'GET', path: '/admin/decisions/{decision}', operationId: 'readDecision', summary: 'One decision explained.', schema: DECISION_VIEW, errors: ['unknown_decision', 'forged_decision', 'retired_key', 'feedback_unavailable'] }),
  {
    method: 'GET', path: '/admin/cache', operationId: 'readCache', tag: 'admin', summary: 'What the prediction cache holds.',
    replies: [{ status: 200, description: 'Answers and bytes, of all and of each model version.', content: [{ mediaType: 'application/json', schema: CACHE_VIEW }] }],
    errors: ['unauthenticated', 'unknown_field'],
  },
  {
    method: 'DELETE', path: '/admin/cache', operationId: 'clearCache', tag: 'admin', summary: 'Drops the answers that the prediction cache holds.',
    parameters: [{ in: 'query', name: 'model', description: 'Only those of this model version: `digits-mlp@3`.', schema: Type.String() }],
    replies: [{ status: 200, description: 'How many were dropped.', content: [{ mediaType: 'application/json', schema: Type.Object({ dropped: Type.Integer() }) }] }],
    errors: ['unauthenticated', 'cross_origin', 'unknown_field', 'invalid_field'],
  },
]);

function read(path: string, operationId: string, summary: string, schema: TSchema, errors: readonly ErrorCode[] = []): RouteEntry {
  return {
    method: 'GET', path, operationId, tag: 'admin', summary, parameters: pathParameters(path),
    replies: [{ status: 200, description: summary, content: [{ mediaType: 'application/json', schema }], headers: [ETAG] }],
    errors: ['unauthenticated', 'unknown_field', ...errors],
  };
}

/** What an app has learned is no part of desired state: no etag, no dry run. */
function learned({ schema, errors, ...route }: { method: 'GET' | 'DELETE'; path: string; operationId: string; summary: string; schema: TSchema; errors: readonly ErrorCode[] }): RouteEntry {
  return {
    ...route, tag: 'admin', parameters: pathParameters(route.path),
    replies: [{ status: 200, description: route.summary, content: [{ mediaType: 'application/json', schema }] }], errors: ['unauthenticated', 'unknown_field', ...errors],
  };
}

function change({ body, errors, ...route }: { method: 'PUT' | 'DELETE'; path: string; operationId: string; summary: string; body?: TSchema; errors: readonly ErrorCode[] }): RouteEntry {
  return {
    ...route, tag: 'admin', parameters: [...pathParameters(route.path), ...CHANGE_PARAMETERS],
    ...(body === undefined ? {} : { body: { required: true, content: [{ mediaType: 'application/json', schema: body }] } }),
    replies: [{ status: 200, description: 'What changed, or would.', content: [{ mediaType: 'application/json', schema: CHANGED }], headers: [ETAG] }],
    errors: ['unauthenticated', 'cross_origin', 'stale_etag', 'unknown_field', 'invalid_field', ...(body === undefined ? [] : ['not_json', 'body_too_large'] as const), ...errors],
  };
}

function pathParameters(path: string): RouteParameter[] {
  return [...path.matchAll(/\{(\w+)\}/gu)].flatMap(([, name = '']) => PARAMETERS[name] ?? []);
}

function pathParameter(name: string, description: string, schema: TSchema): RouteParameter {
  return { in: 'path', name, description, schema, required: true };
}

function written(schema: TSchema, inPath: readonly string[]): TSchema {
  const body = inputSchema(plain(schema));
  return Type.Unsafe({ ...body, required: (body.required ?? []).filter((key) => !inPath.includes(key)) });
}
