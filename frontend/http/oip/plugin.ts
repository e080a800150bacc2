import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Failure } from '../../domain/answer.ts';
import type { OperatorAccess } from '../../domain/operator-access.ts';
import type { Served, WhyUnready } from '../../domain/served.ts';
import type { StatisticsSource } from '../../domain/statistics.ts';
import { modelConfig, modelMetadata, serverMetadata } from '../../protocols/oip/describe.ts';
import { findServed } from '../../protocols/oip/find-served.ts';
import { changeRepository, repositoryIndex, type RepositoryControl } from '../../protocols/oip/repository.ts';
import { modelStatistics } from '../../protocols/oip/statistics.ts';
import { watchRoutes } from '../allowed-methods.ts';
import { isSameOrigin } from '../admin/access.ts';
import type { Refusal } from '../error-reply.ts';
import { routedExchange } from '../exchange/routed-exchange.ts';
import type { HttpPlugin } from '../http-plugin.ts';
import { refusalOf } from '../thrown.ts';
import { InferDoor, type InferDoorOptions } from './door.ts';
import { oipError, oipRefusal } from './oip-error.ts';
import { plainInfer } from './plain-infer.ts';
import { OIP_ROUTES } from './routes.ts';

export interface OipPluginOptions extends InferDoorOptions {
  readonly whyUnready: WhyUnready;
  readonly statistics: StatisticsSource;
  readonly repository: RepositoryControl;
  readonly operators: OperatorAccess;
  /** Of the broker. */
  readonly version: string;
  readonly ready: () => boolean;
}

const PREFIX = '/v2';

type Params = { readonly model?: string; readonly version?: string; readonly change?: string };
type Request = FastifyRequest<{ Params: Params }>;

/** The Open Inference Protocol v2 over HTTP below `/v2`, with its documentation, as the HTTP door takes it. */
export function oipPlugin(options: OipPluginOptions): HttpPlugin {
  const door = new InferDoor(options);
  const register = async (scope: FastifyInstance): Promise<void> => {
    // Routes of the protocol answer in its shape, whatever went wrong.
    await scope.register(async (inner) => {
      const methodsOf = watchRoutes(inner);
      inner.setErrorHandler((error, request, reply) => {
        const refusal = refusalOf(error);
        if (refusal.code === 'internal') options.onFault(error, request.id);
        return refuse(options, reply, refusal, request.id);
      });
      inner.setNotFoundHandler((request, reply) => refuse(options, reply, noRoute(methodsOf(request.url.split('?', 1)[0] ?? '')), request.id));
      infer(inner, door, options.maxBodyBytes);
      about(inner, options);
      repository(inner, options);
    }, { prefix: PREFIX });
  };
  return { register, routes: OIP_ROUTES, lane: [plainInfer((request) => door.take(request))], refusing: { path: PREFIX, reply: oipRefusal } };
}

function noRoute(allow: readonly string[]): Refusal {
  if (allow.length === 0) return { code: 'unknown_route', message: 'there is no such route' };
  return { code: 'method_not_allowed', message: `the route takes ${allow.join(', ')}`, allow };
}

function infer(scope: FastifyInstance, door: InferDoor, bodyLimit: number): void {
  void scope.register(async (inner) => {
    inner.removeAllContentTypeParsers();
    // Clients of Triton send any content type, or none: what the body is, a header of the protocol says. It stays in the socket.
    inner.addContentTypeParser('*', (_request, _payload, done) => done(null));
    const take = (request: Request, reply: FastifyReply): void => {
      const { model = '', version } = request.params;
      door.take({ exchange: routedExchange(request, reply), model, version });
    };
    inner.post('/models/:model/infer', { bodyLimit }, take);
    inner.post('/models/:model/versions/:version/infer', { bodyLimit }, take);
  });
}

function about(scope: FastifyInstance, options: OipPluginOptions): void {
  const { served, statistics, version, ready } = options;
  const named = (path: string, answer: (found: Served) => object): void => {
    for (const url of [`/models/:model${path}`, `/models/:model/versions/:version${path}`]) {
      scope.get(url, (request: Request, reply) => {
        const found = find(options, request);
        return 'code' in found ? refuse(options, reply, found, request.id) : reply.send(answer(found));
      });
    }
  };
  scope.get('/', (_request, reply) => reply.send(serverMetadata(version)));
  scope.get('/health/live', (_request, reply) => reply.send({ live: true }));
  scope.get('/health/ready', (_request, reply) => reply.code(ready() ? 200 : 503).send({ ready: ready() }));
  scope.get('/models', (_request, reply) => reply.send({ models: served.list().map(({ name }) => name) }));
  scope.get('/models/stats', (_request, reply) => reply.send(modelStatistics(statistics, served)));
  for (const url of ['/models/:model/ready', '/models/:model/versions/:version/ready']) {
    scope.get(url, (request: Request, reply) => {
      const found = find(options, request);
      return 'code' in found ? refuse(options, reply, found, request.id) : reply.code(found.ready ? 200 : 503).send({ name: found.name, ready: found.ready });
    });
  }
  named('', modelMetadata);
  named('/config', modelConfig);
  named('/stats', (found) => modelStatistics(statistics, served, found));
}

function find({ served }: OipPluginOptions, { params }: Request): Served | Failure {
  return findServed(served, params.model ?? '', params.version);
}

function repository(scope: FastifyInstance, options: OipPluginOptions): void {
  const { served, whyUnready, repository: control, operators } = options;
  void scope.register(async (inner) => {
    inner.removeAllContentTypeParsers();
    // Here too, clients send JSON without saying so.
    inner.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, readObject(String(text))));
    inner.post('/repository/index', (request, reply) => {
      if (request.body === null) return refuse(options, reply, NOT_JSON, request.id);
      const { ready } = (request.body ?? {}) as { readonly ready?: unknown };
      return reply.send(repositoryIndex(served, whyUnready, ready === true));
    });
    inner.post('/repository/models/:model/:change', async (request: Request, reply) => {
      const { model = '', change } = request.params;
      if (change !== 'load' && change !== 'unload') return refuse(options, reply, { code: 'unknown_route', message: `there is no '${change ?? ''}'; expected load or unload` }, request.id);
      if (request.body === null) return refuse(options, reply, NOT_JSON, request.id);
      const { parameters: given } = (request.body ?? {}) as { readonly parameters?: unknown };
      const parameters = given ?? {};
      if (typeof parameters !== 'object' || Array.isArray(parameters)) return refuse(options, reply, { code: 'invalid_field', message: "'parameters' must be an object" }, request.id);
      const who = isSameOrigin(request.headers) ? operators.caller(request.headers.authorization, 'http') : CROSS_ORIGIN;
      const failure = await changeRepository(control, { what: change, model, parameters: Object.keys(parameters), who });
      return failure === undefined ? reply.send({}) : refuse(options, reply, failure, request.id);
    });
  });
}

const NOT_JSON: Failure = Object.freeze({ code: 'not_json', message: 'failed to parse the request JSON' });
const CROSS_ORIGIN: Failure = Object.freeze({ code: 'cross_origin', message: 'changes are taken from the same origin only' });

/** An object; undefined for an empty body, null for anything else. */
function readObject(text: string): object | null | undefined {
  if (text.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function refuse({ refused }: OipPluginOptions, reply: FastifyReply, refusal: Refusal, requestId: string): FastifyReply {
  refused.add(refusal.code);
  const { status, headers, body } = oipError(refusal, requestId);
  for (let at = 0; at < headers.length; at += 2) void reply.header(headers[at] ?? '', headers[at + 1]);
  return reply.code(status).send(body);
}
