import type { FastifyInstance, FastifyPluginAsync } from 'fastify';
import { writeApp } from '../../config/app-words.ts';
import { writeModel } from '../../config/model-words.ts';
import { writeRules } from '../../config/rule-words.ts';
import type { Settings } from '../../config/settings.ts';
import { flat } from '../../control/desired-merge.ts';
import type { AuditStore } from '../../domain/audit.ts';
import { BrokerError } from '../../domain/errors.ts';
import { modelKey, nameRecord } from '../../domain/model.ts';
import type { DesiredState, ModelKey, ModelSpec, Steering } from '../../domain/model.ts';
import { OPERATOR, adminCaller, type AdminAccess } from './access.ts';
import { auditRoutes } from './audit.ts';
import { readAppBody, readBody, readModelBody, readSteering } from './body.ts';
import { brokerRoutes, type BrokerFacts } from './broker.ts';
import { cacheRoutes, type AdminCache } from './cache.ts';
import { actRoute, changeRoute, readRoute, type AdminChange, type AdminRequest, type AdminResult, type ChangeRoute } from './change-route.ts';
import { logRoutes } from './log-level.ts';
import { name, versionNumber } from './path-words.ts';
import { policyRoutes, type AdminPolicy } from './policies.ts';
import { recordingRoutes, type AdminRecordings } from './recordings.ts';
import { replicaRoutes, type AdminReplicas } from './replicas.ts';
import { selectionRoutes, type AdminSelection } from './selection.ts';
import { ADMIN_ROUTES, LABEL_BODY, REPLICAS_BODY } from './table.ts';
import { tokenRoutes, type AdminTokenOwner } from './tokens.ts';
import { uploadRoutes } from './upload.ts';
import { versionRoutes, type AdminVersions } from './versions.ts';
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
  putRules: AdminVersions['owner']['putRules'];
  rollback: AdminVersions['owner']['rollback'];
}

export interface AdminDeps {
  readonly owner: AdminOwner;
  readonly cache: AdminCache;
  readonly selection: AdminSelection;
  readonly recordings: AdminRecordings;
  readonly sources: AdminVersions['sources'];
  readonly versions: AdminVersions['versions'];
  readonly replicas: AdminReplicas;
  readonly tokens: AdminTokenOwner;
  readonly audit: AuditStore;
  readonly policies: () => Iterable<AdminPolicy>;
  /** The logger whose level admin sets. */
  readonly log: { level: string };
  readonly broker: () => BrokerFacts;
  readonly access: AdminAccess;
  readonly settings: Pick<Settings, 'admin' | 'dial'>;
  /** What runs of a model version, as plain data: shown, not interpreted. */
  readonly status: (key: ModelKey) => unknown;
}

/** The routes and their documentation, as the HTTP door takes them. */
export function adminPlugin(deps: AdminDeps): { readonly register: FastifyPluginAsync; readonly routes: readonly RouteEntry[] } {
  return { register: async (scope) => adminRoutes(scope, deps), routes: ADMIN_ROUTES };
}

/**
 * Registers the admin routes in a scope of their own. Refusals are thrown as `BrokerError`, for the server's error
 * handler. Every answer carries the etag of the whole state.
 */
export function adminRoutes(fastify: FastifyInstance, deps: AdminDeps): void {
  const { access } = deps;
  fastify.addHook('onRequest', (request, _reply, done) => {
    const who = adminCaller(request.raw, access);
    done(who instanceof BrokerError ? who : undefined);
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
  const change = changeRoute(fastify, access);
  const act = actRoute(fastify, deps);
  readRoutes(fastify, deps);
  modelRoutes(change, deps);
  appRoutes(change, deps);
  replicaRoutes(fastify, { ...deps, act, change });
  uploadRoutes(fastify, deps);
  versionRoutes(fastify, change, deps);
  cacheRoutes(fastify, act, deps.cache);
  selectionRoutes(fastify, act, deps.selection);
  recordingRoutes(act, deps.recordings);
  policyRoutes(fastify, deps.policies, (policy) => Object.values(deps.owner.current.apps).filter((app) => app.policy === policy).map((app) => app.name));
  tokenRoutes(fastify, change, deps.tokens);
  logRoutes(fastify, act, deps.log);
  auditRoutes(fastify, deps.audit);
  brokerRoutes(fastify, deps.broker);
}

function readRoutes(fastify: FastifyInstance, deps: AdminDeps): void {
  const { owner } = deps;
  const read = (path: string, view: (request: AdminRequest) => unknown): void => readRoute(fastify, path, view, () => owner.etag);
  read('/admin/state', () => ({
    revision: owner.current.revision,
    models: Object.values(owner.current.models).map((spec) => versionView(spec, deps)),
    labels: flat(owner.current.labels),
    apps: Object.values(owner.current.apps).map(writeApp),
    rules: nameRecord(Object.entries(owner.current.rules ?? {}).map(([model, rules]) => [model, writeRules(rules)])),
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

function modelRoutes(change: ChangeRoute, { owner, settings }: AdminDeps): void {
  change('PUT', '/admin/models/:model/versions/:version', ({ params, body }, options) => {
    const named = { name: name(params.model), version: versionNumber(params.version) };
    const trusted = options.by.who === OPERATOR;
    return owner.putModel(readModelBody(body, named, { settings, current: owner.current, trusted }), options);
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

function appRoutes(change: ChangeRoute, { owner, settings }: AdminDeps): void {
  change('PUT', '/admin/apps/:app', ({ params, body }, options) => (
    owner.putApp(readAppBody(body, { name: name(params.app) }, { settings, current: owner.current }), options)
  ));
  change('DELETE', '/admin/apps/:app', ({ params }, options) => owner.deleteApp(params.app, options));
  change('PUT', '/admin/apps/:app/selection', ({ params, body }, options) => owner.steer(params.app, readSteering(body), options));
  change('DELETE', '/admin/apps/:app/selection', ({ params }, options) => owner.steer(params.app, {}, options));
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

function findVersion(state: DesiredState, params: AdminRequest['params']): ModelSpec {
  const spec = state.models[modelKey(params.model, versionNumber(params.version))];
  if (spec === undefined) throw new BrokerError('unknown_version', `There is no ${params.model}@${params.version}.`);
  return spec;
}

function findLabel(state: DesiredState, { model, label }: AdminRequest['params']): number {
  const version = state.labels[model]?.[label];
  if (version === undefined) throw new BrokerError('unknown_version', `${model} has no label "${label}".`);
  return version;
}
