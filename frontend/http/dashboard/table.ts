import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { TSchema } from 'typebox';
import { BrokerError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { NAME_PATTERN } from '../../domain/model.ts';
import { SPANS, type Span } from '../../metrics/history/track.ts';
import type { Kind } from '../../metrics/history/watch.ts';
import type { RouteEntry, RouteParameter } from '../route-table.ts';

const KINDS: readonly Kind[] = ['app', 'model', 'broker'];
const SPAN_NAMES = Object.keys(SPANS) as Span[];

const NUMBERS = Type.Array(Type.Union([Type.Number(), Type.Null()]));
const HISTORY = Type.Object({
  stepMs: Type.Integer(), fromMs: Type.Integer({ description: 'When the first step began, in epoch milliseconds.' }),
  columns: Type.Record(Type.String(), NUMBERS, { description: 'A number a step; null where nothing is known.' }),
});
const SNAPSHOT = Type.Object({
  at: Type.Integer(), broker: Type.Record(Type.String(), Type.Unknown()), apps: Type.Array(Type.Object({ name: Type.String() })),
  models: Type.Array(Type.Object({ key: Type.String() })), troubles: Type.Array(Type.Object({ at: Type.Integer(), text: Type.String() })),
}, { description: 'The shape is that of frontend/dashboard/snapshot.ts.' });
const PICTURE = Type.Object({
  controller: Type.String(), sloMs: Type.Number(), maxBatch: Type.Integer(), plannedRows: Type.Number(), reachRows: Type.Number(),
  law: Type.Array(Type.Object({ rows: Type.Integer(), meanMs: Type.Number(), tailMs: Type.Number() })),
  batches: Type.Array(Type.Array(Type.Number()), { description: 'The last ones: rows, milliseconds.' }),
});

const PATH = {
  file: { in: 'path', name: 'file', description: 'A file of the page.', schema: Type.String(), required: true },
  model: { in: 'path', name: 'model', description: 'Name of the model.', schema: Type.String({ pattern: NAME_PATTERN }), required: true },
  version: { in: 'path', name: 'version', description: 'Version of the model.', schema: Type.Integer({ minimum: 1 }), required: true },
} as const satisfies Record<string, RouteParameter>;

/** What the dashboard's routes are, for the OpenAPI document; a test holds it against the routes as registered. */
export const DASHBOARD_ROUTES: readonly RouteEntry[] = Object.freeze([
  page('/dashboard', 'dashboard', 'The dashboard, for browsers.', []),
  page('/dashboard/{file}', 'dashboardFile', 'A file of the dashboard.', [PATH.file]),
  {
    method: 'GET', path: '/admin/watch', operationId: 'watch', tag: 'dashboard', summary: 'How everything stands, once a second, as server-sent events.',
    description: 'First `state`, then `tick` with what has changed; the shapes are those of frontend/dashboard/snapshot.ts.',
    replies: [{ status: 200, description: 'A stream that ends when the broker does.', content: [{ mediaType: 'text/event-stream', schema: Type.String() }] }],
    errors: ['unauthenticated', 'cross_origin', 'overloaded', 'draining'],
  },
  data('/admin/watch/now', 'watchNow', 'How everything stands: rates are those of the last ten seconds.', SNAPSHOT, {}),
  data('/admin/watch/history', 'watchHistory', 'What was, of an app, a model version or the broker: five minutes, an hour or a day.', HISTORY, {
    parameters: [
      { in: 'query', name: 'kind', description: 'What it is of.', schema: Type.Union(KINDS.map((kind) => Type.Literal(kind))) },
      { in: 'query', name: 'name', description: 'An app, or a model version as `digits-mlp@3`; nothing for the broker.', schema: Type.String({ maxLength: 160 }) },
      { in: 'query', name: 'span', description: 'How far back.', schema: Type.Union(SPAN_NAMES.map((span) => Type.Literal(span))) },
    ],
    errors: ['unknown_field', 'invalid_field'],
  }),
  data('/admin/watch/sparks', 'watchSparks', 'Answers a second of every app, over the last five minutes.', Type.Record(Type.String(), NUMBERS), {}),
  data('/admin/watch/models/{model}/versions/{version}', 'watchBatches', 'Why the batches of a model version are as large as they are.', PICTURE, { parameters: [PATH.model, PATH.version], errors: ['unknown_version'] }),
]);

/** Which history is asked for; throws `BrokerError` for what is none. */
export function readHistoryQuery(request: FastifyRequest): { readonly kind: Kind; readonly name: string; readonly span: Span } {
  const { kind, span, name = '', ...rest } = request.query as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new BrokerError('unknown_field', 'Expected kind, name, span.', { path: `?${unknown}` });
  const wanted = { kind: KINDS.find((one) => one === kind), span: SPAN_NAMES.find((one) => one === span) };
  if (wanted.kind === undefined) throw new BrokerError('invalid_field', `Expected ${KINDS.join(', ')}.`, { path: '?kind' });
  if (wanted.span === undefined) throw new BrokerError('invalid_field', `Expected ${SPAN_NAMES.join(', ')}.`, { path: '?span' });
  if (typeof name !== 'string') throw new BrokerError('invalid_field', 'Expected one name.', { path: '?name' });
  return { kind: wanted.kind, span: wanted.span, name };
}

function page(path: string, operationId: string, summary: string, parameters: readonly RouteParameter[]): RouteEntry {
  return {
    method: 'GET', path, operationId, tag: 'dashboard', summary, parameters,
    replies: [{ status: 200, description: summary, content: [{ mediaType: 'text/html', schema: Type.String() }] }, { status: 304, description: 'It is the one of the etag.' }],
    errors: ['unknown_route'],
  };
}

function data(path: string, operationId: string, summary: string, schema: TSchema, more: { parameters?: readonly RouteParameter[]; errors?: readonly ErrorCode[] }): RouteEntry {
  return {
    method: 'GET', path, operationId, tag: 'dashboard', summary, parameters: more.parameters ?? [],
    replies: [{ status: 200, description: summary, content: [{ mediaType: 'application/json', schema }] }],
    errors: ['unauthenticated', 'cross_origin', ...(more.errors ?? [])],
  };
}
