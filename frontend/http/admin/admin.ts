import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { writeApp } from '../../config/app-words.ts';
import { writeModel } from '../../config/model-words.ts';
import type { Settings } from '../../config/settings.ts';
import { flat } from '../../control/desired-merge.ts';
import { BrokerError } from '../../domain/errors.ts';
import { NAME_REGEXP, modelKey } from '../../domain/model.ts';
import type { DesiredState, ModelKey, ModelSpec, Steering } from '../../domain/model.ts';
import { adminRefusal } from './access.ts';
import { readAppBody, readBody, readModelBody, readSteering } from './body.ts';
import { cacheRoutes, type AdminCache } from './cache.ts';
import { readQuery } from './query.ts';
import { selectionRoutes, type AdminSelection } from './selection.ts';
import { ADMIN_ROUTES, LABEL_BODY, REPLICAS_BODY } from './table.ts';
import type { RouteEntry } from '../route-table.ts';

/** What admin needs of the owner of desired state (frontend/lifecycle/desired-state-owner.ts). */
export interface AdminOwner {
  readonly current: DesiredState;
  readonly etag: string;
  putModel(spec: ModelSpec, options: AdminChange): Promise<AdminResult>;
  deleteModel(model: string, version: number, options: AdminChange): Promise<AdminResult>;
  setReplicas(model: string, version: number, replicas: number, options: AdminChange): Promise<AdminResult>;
  putApp(spec: DesiredState['apps'][string], options: AdminChange): Promise<AdminResult>;
  deleteApp(name: string, options: AdminChange): Promise<AdminResult>;
  steer(app: string, steering: Steering, options: AdminChange): Promise<AdminResult>;
  putLabel(model: string, label: string, version: number, options: AdminChange): Promise<AdminResult>;
  deleteLabel(model: string, label: string, options: AdminChange): Promise<AdminResult>;
}
interface AdminChange { readonly ifMatch?: string; readonly dryRun?: boolean }
type AdminResult =
  | { readonly ok: true; readonly changed: { readonly revision: number; readonly etag: string; readonly dryRun: boolean; readonly diff: unknown } }
  | { readonly ok: false; readonly error: BrokerError };

export interface AdminDeps {
  readonly owner: AdminOwner;
  readonly cache: AdminCache;
  readonly selection: AdminSelection;
  readonly settings: Pick<Settings, 'admin' | 'dial' | 'listen'>;
  /** The content of `admin.token_file`. */
  readonly token?: string;
  /** What runs of a model version, as plain data: shown, not interpreted. */
  readonly status: (key: ModelKey) => unknown;
}

type Params = Readonly<Record<'app' | 'model' | 'version' | 'label', string>>;
type Request = FastifyRequest<{ Params: Params; Querystring: Readonly<Record<string, unknown>> }>;

/** The routes and their documentation, as the HTTP door takes them. */
export function adminPlugin(deps: AdminDeps): { readonly register: FastifyPluginAsync; readonly routes: readonly RouteEntry[] } {
  return { register: async (scope) => adminRoutes(scope, deps), routes: ADMIN_ROUTES };
}

/**
 * Registers the admin routes in a scope of their own. Refusals are thrown as `BrokerError`, for the server's error
 * handler. Every answer carries the etag of the whole state.
 */
export function adminRoutes(fastify: FastifyInstance, deps: AdminDeps): void {
  const access = { loopback: deps.settings.listen.http.loopback, ...(deps.token === undefined ? {} : { token: deps.token }) };
  fastify.addHook('onRequest', (request, _reply, done) => {
    done(adminRefusal(request.method, request.headers, access));
  });
  // A DELETE may say that it is JSON and have no body.
  fastify.removeContentTypeParser('application/json');
  fastify.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, text, done) => {
    try {
      done(null, text === '' ? undefined : JSON.parse(String(text)));
    } catch {
      done(new BrokerError('not_json'));
    }
  });
  readRoutes(fastify, deps);
  modelRoutes(fastify, deps);
  appRoutes(fastify, deps);
  cacheRoutes(fastify, deps.cache);
  selectionRoutes(fastify, deps.selection);
}

function readRoutes(fastify: FastifyInstance, deps: AdminDeps): void {
  const { owner } = deps;
  const read = (path: string, view: (request: Request) => unknown): void => {
    fastify.get(path, (request, reply) => {
      readQuery(request, []);
      return reply.header('etag', owner.etag).send(view(request as Request));
    });
  };
  read('/admin/state', () => ({
    revision: owner.current.revision,
    models: Object.values(owner.current.models).map((spec) => versionView(spec, deps)),
    labels: flat(owner.current.labels),
    apps: Object.values(owner.current.apps).map(writeApp),
    from_file: owner.current.fromFile,
  }));
  read('/admin/models', () => ({ models: modelNames(owner.current).map((name) => modelView(name, deps)) }));
  read('/admin/models/:model', ({ params }) => modelView(params.model, deps));
  read('/admin/models/:model/versions/:version', ({ params }) => versionView(findVersion(owner.current, params), deps));
  read('/admin/models/:model/labels/:label', ({ params }) => ({ model: params.model, label: params.label, version: findLabel(owner.current, params) }));
  read('/admin/apps', () => ({ apps: Object.values(owner.current.apps).map(writeApp) }));
  read('/admin/apps/:app', ({ params }) => {
    const app = owner.current.apps[params.app];
    if (app === undefined) throw new BrokerError('unknown_app', `There is no app "${params.app}".`);
    return writeApp(app);
  });
}

function modelRoutes(fastify: FastifyInstance, deps: AdminDeps): void {
  const { owner, settings } = deps;
  const change = changeRoute(fastify);
  change('PUT', '/admin/models/:model/versions/:version', ({ params, body }, options) => {
    const named = { name: name(params.model), version: versionNumber(params.version) };
    return owner.putModel(readModelBody(body, named, { settings, current: owner.current }), options);
  });
  change('DELETE', '/admin/models/:model/versions/:version', ({ params }, options) => owner.deleteModel(params.model, versionNumber(params.version), options));
  change('PUT', '/admin/models/:model/versions/:version/replicas', ({ params, body }, options) => {
    const { replicas } = readBody(REPLICAS_BODY, body);
    return owner.setReplicas(params.model, versionNumber(params.version), replicas, options);
  });
  change('PUT', '/admin/models/:model/labels/:label', ({ params, body }, options) => {
    const { version } = readBody(LABEL_BODY, body);
    return owner.putLabel(params.model, name(params.label), version, options);
  });
  change('DELETE', '/admin/models/:model/labels/:label', ({ params }, options) => owner.deleteLabel(params.model, params.label, options));
}

function appRoutes(fastify: FastifyInstance, { owner, settings }: AdminDeps): void {
  const change = changeRoute(fastify);
  change('PUT', '/admin/apps/:app', ({ params, body }, options) => (
    owner.putApp(readAppBody(body, { name: name(params.app) }, { settings, current: owner.current }), options)
  ));
  change('DELETE', '/admin/apps/:app', ({ params }, options) => owner.deleteApp(params.app, options));
  change('PUT', '/admin/apps/:app/selection', ({ params, body }, options) => owner.steer(params.app, readSteering(body), options));
  change('DELETE', '/admin/apps/:app/selection', ({ params }, options) => owner.steer(params.app, {}, options));
}

type Perform = (request: Request, options: AdminChange) => Promise<AdminResult>;

/** Registers routes that change something: `If-Match` and `?dry_run=true` in, revision, etag and diff out. */
function changeRoute(fastify: FastifyInstance): (method: 'PUT' | 'DELETE', url: string, perform: Perform) => void {
  return (method, url, perform) => {
    fastify.route({ method, url, handler: async (request, reply): Promise<FastifyReply> => {
      const { dry_run: dryRun } = readQuery(request, ['dry_run']);
      if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false') throw new BrokerError('invalid_field', 'Expected true or false.', { path: '?dry_run' });
      const ifMatch = request.headers['if-match'];
      const result = await perform(request as Request, { dryRun: dryRun === 'true', ...(ifMatch === undefined ? {} : { ifMatch }) });
      if (!result.ok) throw result.error;
      const { revision, etag, diff } = result.changed;
      return reply.header('etag', etag).send({ revision, dry_run: result.changed.dryRun, diff });
    } });
  };
}

function name(text: string): string {
  if (NAME_REGEXP.test(text)) return text;
  throw new BrokerError('invalid_field', 'Expected a name: lower-case letters, digits, ".", "_" and "-", at most 64, beginning with a letter or digit.', { path: text });
}

function versionNumber(text: string): number {
  const version = /^[1-9][0-9]{0,9}$/u.test(text) ? Number(text) : 0;
  if (version >= 1 && version < 2 ** 31) return version;
  throw new BrokerError('invalid_field', 'Expected a version: a positive integer.', { path: 'version' });
}

function modelNames(state: DesiredState): string[] {
  return [...new Set(Object.values(state.models).map((spec) => spec.name))].sort();
}

function modelView(model: string, deps: AdminDeps): unknown {
  const { current } = deps.owner;
  const versions = Object.values(current.models).filter((spec) => spec.name === model).sort((a, b) => a.version - b.version);
  if (versions.length === 0) throw new BrokerError('unknown_model', `There is no model "${model}".`);
  return { name: model, versions: versions.map((spec) => versionView(spec, deps)), labels: { ...current.labels[model] } };
}

/** `spec` in the words of the file, fit for a PUT; beside it the labels that point at it, and what runs. */
function versionView(spec: ModelSpec, { owner, status }: AdminDeps): unknown {
  const labels = Object.entries(owner.current.labels[spec.name] ?? {}).flatMap(([label, version]) => (version === spec.version ? [label] : []));
  return { spec: writeModel(spec, []), labels, status: status(modelKey(spec.name, spec.version)) };
}

function findVersion(state: DesiredState, params: Params): ModelSpec {
  const spec = state.models[modelKey(params.model, versionNumber(params.version))];
  if (spec === undefined) throw new BrokerError('unknown_version', `There is no ${params.model}@${params.version}.`);
  return spec;
}

function findLabel(state: DesiredState, { model, label }: Params): number {
  const version = state.labels[model]?.[label];
  if (version === undefined) throw new BrokerError('unknown_version', `${model} has no label "${label}".`);
  return version;
}
