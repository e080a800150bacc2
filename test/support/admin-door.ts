import Fastify, { type FastifyInstance } from 'fastify';
import { DesiredStateOwner } from '../../frontend/lifecycle/desired-state-owner.ts';
import { AdminTokens } from '../../frontend/lifecycle/admin-tokens.ts';
import { ERRORS } from '../../frontend/domain/errors.ts';
import { adminPlugin, type AdminDeps } from '../../frontend/http/admin/admin.ts';
import { refusalOf } from '../../frontend/http/thrown.ts';
import { FakeCache } from './fake-cache.ts';
import { NO_SELECTION } from './fake-selection.ts';
import { MemoryStore } from './memory-store.ts';
import { desiredOf, makeApp, makeModel } from './specs.ts';

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly etag: unknown;
}

/** The admin routes by themselves, over a state in memory: models m@1 (stable) and m@2, app a. */
export class AdminDoor {
  readonly owner: DesiredStateOwner;
  readonly store: MemoryStore;
  readonly fastify: FastifyInstance;
  readonly log = { level: 'info' };
  /** What was asked of replicas. */
  readonly asked: string[] = [];
  /** Lines of a recording. */
  readonly recorded: string[] = [];
  /** `GET /admin/…`, as registered. */
  readonly routes: string[] = [];

  private constructor(owner: DesiredStateOwner, store: MemoryStore) {
    this.owner = owner;
    this.store = store;
    this.fastify = Fastify();
    this.fastify.setErrorHandler((error, _request, reply) => {
      const refusal = refusalOf(error);
      return reply.status(ERRORS[refusal.code].http).send(refusal);
    });
    this.fastify.addHook('onRoute', ({ method, url }) => void (method !== 'HEAD' && this.routes.push(`${String(method)} ${url}`)));
  }

  static async open(more: { isReady?: () => boolean; loopback?: boolean; token?: string; deps?: Partial<AdminDeps> } = {}): Promise<AdminDoor> {
    const store = new MemoryStore();
    const owner = await DesiredStateOwner.open({ store, isReady: more.isReady ?? (() => true), apply: () => {} });
    await owner.applyFile(desiredOf([makeModel({ statesSlo: true }), makeModel({ version: 2, statesSlo: true })], [makeApp()], { m: { stable: 1 } }));
    const door = new AdminDoor(owner, store);
    const tokens = await AdminTokens.open(store, more.token);
    const known = (replica: number, word: string): boolean => {
      door.asked.push(word);
      return replica === 1;
    };
    await door.fastify.register(adminPlugin({
      owner, cache: new FakeCache(), selection: NO_SELECTION, tokens, audit: store, log: door.log,
      access: { tokens, loopback: more.loopback ?? true },
      replicas: { replace: (key, replica) => known(replica, `replace ${key}/${replica}`), partFirst: (key, replica, favoured) => known(replica, `${favoured ? 'first' : 'as before'} ${key}/${replica}`) },
      recordings: { forget: async (app, isOf) => (door.asked.push(app), door.recorded.filter(isOf).length) },
      sources: () => [{ folder: '/models', pollMs: 1000, refused: [{ path: '/models/x', why: 'is a symbolic link' }], settling: [] }],
      versions: () => [{ model: 'm', version: 1, state: 'ready', forMs: 7 }],
      // Good for one reading, as a map's values are.
      policies: () => [{ name: 'static', summary: 'The first.', options: {} }].values(),
      broker: () => ({ version: '1', node: 'v24', pid: 7, startedAt: '2026-01-01T00:00:00.000Z', configFile: '/t.yaml', url: 'http://127.0.0.1:8000', ready: true, draining: false, missing: [], openQueries: 0, residentBytes: 1 }),
      status: () => ({ desired: 1, ready: 1, replicas: [{ id: 'm@1/1.1', state: 'ready', output: [] }] }),
      settings: { admin: { allowCode: false, maxUploadMb: 1 }, dial: { allow: [] } },
      ...more.deps,
    }).register);
    return door;
  }

  async call(method: 'GET' | 'PUT' | 'POST' | 'DELETE', url: string, payload?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const sent = payload === undefined ? {} : { payload: JSON.stringify(payload), headers: { 'content-type': 'application/json', ...headers } };
    const reply = await this.fastify.inject({ method, url, headers: method === 'POST' ? { 'content-type': 'application/json', ...headers } : headers, ...sent });
    return { status: reply.statusCode, body: reply.json(), etag: reply.headers['etag'] };
  }

  async codeOf(...call: Parameters<AdminDoor['call']>): Promise<unknown> {
    return (await this.call(...call)).body['code'];
  }
}
