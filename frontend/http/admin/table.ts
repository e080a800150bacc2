import Type from 'typebox';
import type { TSchema } from 'typebox';
import { APP, MODEL, RULES, STEERING_BODY } from '../../config/options.ts';
import { inputSchema, plain } from '../../config/schema.ts';
import type { RouteEntry } from '../route-table.ts';
import { AUDIT_ROUTES } from './audit.ts';
import { BROKER_ROUTES } from './broker.ts';
import { actEntry, changeEntry, readEntry } from './entries.ts';
import { LOG_ROUTES } from './log-level.ts';
import { POLICY_ROUTES } from './policies.ts';
import { RECORDING_ROUTES } from './recordings.ts';
import { REPLICA_ROUTES } from './replicas.ts';
import { TOKEN_ROUTES } from './tokens.ts';
import { UPLOAD_ROUTES } from './upload.ts';
import { VERSION_ROUTES } from './versions.ts';

export const REPLICAS_BODY = Type.Object({ replicas: Type.Integer({ minimum: 0, maximum: 256, description: 'Replicas to run.' }) }, { additionalProperties: false });
export const LABEL_BODY = Type.Object({ version: Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1, description: 'The version that the label points at.' }) }, { additionalProperties: false });

const NAMES = Type.Array(Type.String());

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
  key_strength: Type.Optional(Type.Number({ description: 'How many rewards what is known of all is worth to one value of the context key.' })),
});
const KEY_VALUE = [{ in: 'query' as const, name: 'value', description: 'Value of the app\'s context key: a user, a segment.', schema: Type.String({ minLength: 1 }) }];
const DECISION_VIEW = Type.Object({
  decision_id: Type.String(), app: Type.String(), at: Type.String(), mode: Type.String(), propensity: Type.Number(), rows: Type.Integer(),
  journal: Type.String({ description: 'What was said of its record when it was taken: none, kept, dropped.' }),
  context_hash: Type.String(),
  record: Type.Union([Type.Object({}), Type.Null()], { description: 'The record, where there is one still.' }),
});

/** What the admin routes are, for the OpenAPI document; a test holds it against the routes as registered. */
export const ADMIN_ROUTES: readonly RouteEntry[] = Object.freeze([
  readEntry({
    path: '/admin/state', operationId: 'adminState', summary: 'The whole desired state, and what runs of it.', etag: true,
    schema: Type.Object({
      revision: Type.Integer(), models: Type.Array(VERSION_VIEW), labels: Type.Record(Type.String(), Type.Integer()), apps: Type.Array(APP_BODY),
      rules: Type.Record(Type.String(), plain(RULES), { description: 'By model.' }),
      from_file: Type.Object({ models: NAMES, labels: NAMES, apps: NAMES, rules: Type.Optional(NAMES) }),
    }),
  }),
  readEntry({ path: '/admin/models', operationId: 'listModels', summary: 'All models.', schema: Type.Object({ models: Type.Array(MODEL_VIEW) }), etag: true }),
  readEntry({ path: '/admin/models/{model}', operationId: 'readModel', summary: 'One model: its versions and labels.', schema: MODEL_VIEW, etag: true, errors: ['unknown_model'] }),
  readEntry({ path: '/admin/models/{model}/versions/{version}', operationId: 'readModelVersion', summary: 'One version of a model.', schema: VERSION_VIEW, etag: true, errors: ['unknown_version', 'invalid_field'] }),
  changeEntry({ method: 'PUT', path: '/admin/models/{model}/versions/{version}', operationId: 'putModelVersion', summary: 'Adds or changes a version of a model.', body: MODEL_BODY, errors: ['code_not_allowed'] }),
  changeEntry({ method: 'DELETE', path: '/admin/models/{model}/versions/{version}', operationId: 'deleteModelVersion', summary: 'Drains a version of a model and forgets it.', errors: ['unknown_model', 'unknown_version', 'in_use'] }),
  changeEntry({ method: 'PUT', path: '/admin/models/{model}/versions/{version}/replicas', operationId: 'setReplicas', summary: 'Sets how many replicas run; surplus ones are drained.', body: REPLICAS_BODY, errors: ['unknown_model', 'unknown_version'] }),
  ...REPLICA_ROUTES,
  ...UPLOAD_ROUTES,
  ...VERSION_ROUTES,
  readEntry({ path: '/admin/models/{model}/labels/{label}', operationId: 'readLabel', summary: 'The version that a label points at.', schema: Type.Object({ model: Type.String(), label: Type.String(), version: Type.Integer() }), etag: true, errors: ['unknown_version'] }),
  changeEntry({ method: 'PUT', path: '/admin/models/{model}/labels/{label}', operationId: 'putLabel', summary: 'Points a label at a version that is ready.', body: LABEL_BODY, errors: ['unknown_model', 'unknown_version', 'not_ready'] }),
  changeEntry({ method: 'DELETE', path: '/admin/models/{model}/labels/{label}', operationId: 'deleteLabel', summary: 'Takes a label away.', errors: ['unknown_model', 'unknown_version', 'in_use'] }),
  readEntry({ path: '/admin/apps', operationId: 'listApps', summary: 'All apps.', schema: Type.Object({ apps: Type.Array(APP_BODY) }), etag: true }),
  readEntry({ path: '/admin/apps/{app}', operationId: 'readApp', summary: 'One app.', schema: APP_BODY, etag: true, errors: ['unknown_app'] }),
  changeEntry({ method: 'PUT', path: '/admin/apps/{app}', operationId: 'putApp', summary: 'Adds or changes an app.', body: APP_BODY }),
  changeEntry({ method: 'DELETE', path: '/admin/apps/{app}', operationId: 'deleteApp', summary: 'Takes an app away.', errors: ['unknown_app'] }),
  changeEntry({ method: 'PUT', path: '/admin/apps/{app}/selection', operationId: 'steerApp', summary: 'The operator\'s hands on the selection of an app: all that they are from now on.', body: plain(STEERING_BODY), errors: ['unknown_app'] }),
  changeEntry({ method: 'DELETE', path: '/admin/apps/{app}/selection', operationId: 'releaseApp', summary: 'Takes the operator\'s hands off the selection of an app.', errors: ['unknown_app'] }),
  readEntry({ path: '/admin/apps/{app}/selection', operationId: 'readSelection', summary: 'How an app chooses now: shares, rewards with intervals, and the probability of being best.', schema: SELECTION_VIEW, errors: ['unknown_app'] }),
  actEntry({ method: 'DELETE', path: '/admin/apps/{app}/selection/cells', operationId: 'resetSelection', summary: 'Forgets what an app has learned.', schema: Type.Object({ app: Type.String(), reset: Type.Boolean() }), errors: ['unknown_app', 'feedback_unavailable'] }),
  readEntry({ path: '/admin/apps/{app}/selection/key', operationId: 'readSelectionKey', summary: 'How an app chooses now for one value of its context key.', schema: SELECTION_VIEW, parameters: KEY_VALUE, errors: ['unknown_app', 'invalid_field', 'feedback_unavailable'] }),
  actEntry({ method: 'DELETE', path: '/admin/apps/{app}/selection/key', operationId: 'forgetSelectionKey', summary: 'Forgets what an app has learned of one value of its context key.', schema: Type.Object({ app: Type.String(), forgotten: Type.Boolean() }), parameters: KEY_VALUE, errors: ['unknown_app', 'feedback_unavailable'] }),
  readEntry({ path: '/admin/decisions/{decision}', operationId: 'readDecision', summary: 'One decision explained.', schema: DECISION_VIEW, errors: ['unknown_decision', 'forged_decision', 'retired_key', 'feedback_unavailable'] }),
  ...RECORDING_ROUTES,
  ...POLICY_ROUTES,
  readEntry({ path: '/admin/cache', operationId: 'readCache', summary: 'What the prediction cache holds: answers and bytes, of all and of each model version.', schema: CACHE_VIEW }),
  actEntry({
    method: 'DELETE', path: '/admin/cache', operationId: 'clearCache', summary: 'Drops the answers that the prediction cache holds.', schema: Type.Object({ dropped: Type.Integer() }),
    parameters: [{ in: 'query', name: 'model', description: 'Only those of this model version: `digits-mlp@3`.', schema: Type.String() }],
  }),
  ...TOKEN_ROUTES,
  ...LOG_ROUTES,
  ...AUDIT_ROUTES,
  ...BROKER_ROUTES,
]);

function written(schema: TSchema, inPath: readonly string[]): TSchema {
  const body = inputSchema(plain(schema));
  return Type.Unsafe({ ...body, required: (body.required ?? []).filter((key) => !inPath.includes(key)) });
}
