import { Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../domain/errors.ts';
import { ERRORS_OF_EVERY_ROUTE, type RouteContent, type RouteEntry, type RouteReply } from './route-table.ts';

/** The shape of every refusal. */
const ErrorSchema = Type.Object({
  error: Type.Object({
    code: Type.Unsafe<string>({ type: 'string', enum: Object.keys(ERRORS) }),
    message: Type.String(),
    retryable: Type.Boolean({ description: 'Whether the same request may succeed later.' }),
    path: Type.Optional(Type.String({ description: 'Where the fault lies, such as `inputs[2].image`.' })),
    request_id: Type.Optional(Type.String()),
    decision_id: Type.Optional(Type.String()),
    retry_after_ms: Type.Optional(Type.Integer({ minimum: 0 })),
    details: Type.Optional(Type.Array(Type.Unknown())),
  }),
});

/** The shape of refusals on the routes of other protocols. */
const PlainErrorSchema = Type.Object({ error: Type.String() });

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of these routes. Each must have its own `operationId`. */
export function openApiDocument(routes: readonly RouteEntry[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route);
  return {
    openapi: '3.1.0',
    info: { title: 'Tradewind', version, description: 'A prediction broker.', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: { Error: ErrorSchema, PlainError: PlainErrorSchema } },
  };
}

function operation(route: RouteEntry): Json {
  const { operationId, summary, description, tag, parameters, body } = route;
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(parameters === undefined ? {} : { parameters: parameters.map((parameter) => ({ ...parameter, required: parameter.in === 'path' || parameter.required === true })) }),
    ...(body === undefined ? {} : { requestBody: { required: body.required, content: content(body.content) } }),
    responses: responses(route),
  };
}

function responses(route: RouteEntry): Json {
  const byStatus: Record<string, Json> = {};
  const codesByStatus = new Map<number, Set<ErrorCode>>();
  for (const code of [...route.errors, ...ERRORS_OF_EVERY_ROUTE]) {
    const { http } = ERRORS[code];
    codesByStatus.set(http, (codesByStatus.get(http) ?? new Set()).add(code));
  }
  for (const [status, codes] of codesByStatus) {
    const description = [...codes].map((code) => `\`${code}\`: ${ERRORS[code].message}`).join('\n');
    byStatus[status] = { description, content: { 'application/json': { schema: { $ref: `#/components/schemas/${route.plainErrors === true ? 'PlainError' : 'Error'}` } } } };
  }
  for (const reply of route.replies) byStatus[reply.status] = replyObject(reply);
  return byStatus;
}

function replyObject(reply: RouteReply): Json {
  return {
    description: reply.description,
    ...(reply.headers === undefined ? {} : { headers: Object.fromEntries(reply.headers.map(({ name, ...header }) => [name, header])) }),
    ...(reply.content === undefined ? {} : { content: content(reply.content) }),
  };
}

function content(contents: readonly RouteContent[]): Json {
  return Object.fromEntries(contents.map(({ mediaType, schema }) => [mediaType, { schema }]));
}
