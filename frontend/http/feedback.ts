import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify';
import { BrokerError, ERRORS } from '../domain/errors.ts';
import type { FeedbackPort, FeedbackVerdict } from '../domain/feedback.ts';
import { bodyCoding, inflatedUpTo, stopInflating } from './exchange/compression.ts';
import { readFeedbackBody } from './feedback-body.ts';
import { FEEDBACK_ROUTE } from './feedback-schema.ts';
import type { RouteEntry } from './route-table.ts';

export interface FeedbackDoor {
  readonly port: FeedbackPort;
  /** Most items in one request. */
  readonly maxItems: number;
}

/** The route and its documentation, as the HTTP door takes them. */
export function feedbackPlugin(door: FeedbackDoor): { readonly register: FastifyPluginAsync; readonly routes: readonly RouteEntry[] } {
  return { register: async (scope) => feedbackRoutes(scope, door), routes: [FEEDBACK_ROUTE] };
}

/**
 * `POST /v1/feedback`: answered once everything in it is durable or refused. One piece: 202, 200 where it was counted
 * before, or its refusal. An array: 202, or 207 where some were refused; one reason for all is the answer to all.
 */
function feedbackRoutes(fastify: FastifyInstance, { port, maxItems }: FeedbackDoor): void {
  // Its own, for the name of the fault; `__proto__` is a key like any other that nobody knows.
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, JSON.parse(String(text)));
    } catch {
      done(new BrokerError('not_json'));
    }
  });
  fastify.addHook('preParsing', async ({ raw, routeOptions }, reply, payload) => {
    const coding = bodyCoding(raw.headers['content-encoding']);
    if (coding !== 'gzip' && coding !== 'deflate') return payload;
    let encodedBytes = 0;
    raw.on('data', (piece: Buffer) => { encodedBytes += piece.length; });
    const body = inflatedUpTo(raw, coding, routeOptions.bodyLimit).on('error', () => {});
    // Once it is answered nobody inflates the rest.
    reply.raw.once('finish', () => stopInflating(raw, body));
    // What the length in the head is held against; fastify counts what it inflates to by itself.
    return Object.defineProperty(body, 'receivedEncodedLength', { get: () => encodedBytes });
  });
  fastify.post(FEEDBACK_ROUTE.path, async (request, reply): Promise<FastifyReply> => {
    const { items, many } = readFeedbackBody(request.body, maxItems);
    const verdicts = await port.give(items, request.headers.authorization);
    const common = oneReason(verdicts);
    if (common !== undefined) throw thrown(common, many ? verdicts.map(view) : undefined);
    if (many) return reply.code(verdicts.some(({ kind }) => kind === 'refused') ? 207 : 202).send({ results: verdicts.map(view) });
    return reply.code(verdicts[0]?.kind === 'repeated' ? 200 : 202).send(verdicts[0] === undefined ? {} : view(verdicts[0]));
  });
}

type Refused = Extract<FeedbackVerdict, { kind: 'refused' }>;

/** The refusal of all of them, where they were all refused with one code. */
function oneReason(verdicts: readonly FeedbackVerdict[]): Refused | undefined {
  const [first] = verdicts;
  if (first?.kind !== 'refused') return undefined;
  return verdicts.every((verdict) => verdict.kind === 'refused' && verdict.code === first.code) ? first : undefined;
}

function thrown({ code, message, path, retryAfterMs }: Refused, details: readonly unknown[] | undefined): BrokerError {
  return new BrokerError(code, message, {
    ...(path === undefined || details !== undefined ? {} : { path }), ...(details === undefined ? {} : { details }), ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function view(verdict: FeedbackVerdict): object {
  if (verdict.kind !== 'refused') return { verdict: verdict.kind };
  const { code, message = ERRORS[code].message, path } = verdict;
  return { verdict: 'refused', error: { code, message, retryable: ERRORS[code].retryable, ...(path === undefined ? {} : { path }) } };
}
