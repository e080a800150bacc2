import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { BatchPicture, Snapshot } from '../../dashboard/snapshot.ts';
import { BrokerError } from '../../domain/errors.ts';
import { modelKey, type ModelKey } from '../../domain/model.ts';
import type { Watch } from '../../metrics/history/watch.ts';
import { adminCaller, type AdminAccess } from '../admin/access.ts';
import type { RouteEntry } from '../route-table.ts';
import { Assets, type Asset } from './assets.ts';
import { EventHub } from './event-hub.ts';
import { writeHistory, writeSparks } from './history-json.ts';
import { DASHBOARD_ROUTES, readHistoryQuery } from './table.ts';

export interface DashboardDeps {
  /** Who may see figures: the rules of admin. The page itself says nothing, and is for everybody who reaches the broker. */
  readonly access: AdminAccess;
  readonly watch: Pick<Watch, 'track' | 'names'>;
  /** How everything stands now. */
  readonly look: () => Snapshot;
  readonly picture: (key: ModelKey) => BatchPicture | undefined;
}

export interface DashboardPlugin {
  readonly register: FastifyPluginAsync;
  readonly routes: readonly RouteEntry[];
  /** About once a second, after the watch has sampled. */
  tick(): void;
}

/**
 * What a browser may do with the page: run its own scripts and styles, ask its own broker, be framed by nobody (CSP 3). The
 * name of the page is no referrer: it may hold the name of an app.
 */
const PAGE_HEADERS = Object.freeze({
  'content-security-policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin',
});
const DATA_HEADERS = Object.freeze({ 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' });

/** The page at `/dashboard`, and below `/admin/watch` what it shows. */
export function dashboardPlugin(deps: DashboardDeps): DashboardPlugin {
  const hub = new EventHub(deps.look);
  const register: FastifyPluginAsync = async (scope) => {
    pageRoutes(scope, new Assets());
    void scope.register(async (data) => dataRoutes(data, deps, hub));
    scope.addHook('preClose', async () => hub.close());
  };
  return { register, routes: DASHBOARD_ROUTES, tick: () => hub.tick() };
}

function pageRoutes(fastify: FastifyInstance, assets: Assets): void {
  const send = (request: FastifyRequest, reply: FastifyReply, asset: Asset | undefined): FastifyReply => {
    if (asset === undefined) throw new BrokerError('unknown_route', 'The dashboard has no such file.');
    void reply.headers({ ...PAGE_HEADERS, etag: asset.etag, 'cache-control': 'no-cache' });
    if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send();
    return reply.type(asset.contentType).send(asset.body);
  };
  fastify.get('/dashboard', (request, reply) => send(request, reply, assets.get('index.html')));
  fastify.get<{ Params: { file: string } }>('/dashboard/:file', (request, reply) => send(request, reply, assets.get(request.params.file)));
}

function dataRoutes(fastify: FastifyInstance, { access, watch, look, picture }: DashboardDeps, hub: EventHub): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    // Another site's page could not read the answer, but could take all streams that there are.
    const who = adminCaller(request.raw, access);
    if (typeof who !== 'string') done(who);
    else done(isOtherSite(request.headers) ? new BrokerError('cross_origin', 'The page of another site asks.') : undefined);
  });
  // A HEAD would hold a stream that nobody reads.
  fastify.get('/admin/watch', { exposeHeadRoute: false }, (request, reply) => {
    // Refused before anything is written: fastify answers then.
    hub.open(reply.raw, { ...DATA_HEADERS, 'x-request-id': request.id });
    reply.hijack();
  });
  fastify.get('/admin/watch/now', (_request, reply) => reply.headers(DATA_HEADERS).send(look()));
  fastify.get('/admin/watch/history', async (request, reply) => {
    const { kind, name, span } = readHistoryQuery(request);
    const track = watch.track(kind, name);
    return reply.headers(DATA_HEADERS).type('application/json; charset=utf-8').send(await writeHistory(track, span));
  });
  fastify.get('/admin/watch/sparks', async (_request, reply) => (
    reply.headers(DATA_HEADERS).type('application/json; charset=utf-8').send(await writeSparks(watch))
  ));
  fastify.get<{ Params: { model: string; version: string } }>('/admin/watch/models/:model/versions/:version', (request, reply) => {
    const { model, version } = request.params;
    const found = picture(modelKey(model, Number(version)));
    if (found === undefined) throw new BrokerError('unknown_version', `There is no ${model}@${version}.`);
    return reply.headers(DATA_HEADERS).send(found);
  });
}

function isOtherSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}
