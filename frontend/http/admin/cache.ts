import type { FastifyInstance } from 'fastify';
import { BrokerError } from '../../domain/errors.ts';
import { readRoute, type ActRoute } from './change-route.ts';

/** What admin needs of the prediction cache (frontend/cache/prediction-cache.ts). */
export interface AdminCache {
  readonly entries: number;
  readonly pending: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly evictions: number;
  scopes(): Iterable<{ readonly owner: string; readonly entries: number; readonly bytes: number }>;
  clear(owner?: string): number;
}

/** Registers `/admin/cache`, in the scope of the admin routes: who may come in is decided there. */
export function cacheRoutes(fastify: FastifyInstance, act: ActRoute, cache: AdminCache): void {
  readRoute(fastify, '/admin/cache', () => view(cache));
  act('DELETE', '/admin/cache', ['model'], (_request, { model }) => {
    if (model !== undefined && typeof model !== 'string') throw new BrokerError('invalid_field', 'Expected one model version.', { path: '?model' });
    const dropped = cache.clear(model);
    return { answer: { dropped }, detail: { dropped, ...(model === undefined ? {} : { model }) } };
  });
}

/** One line a model version, whatever its answers are read as. */
function view(cache: AdminCache): unknown {
  const models = new Map<string, { model: string; entries: number; bytes: number }>();
  for (const { owner, entries, bytes } of cache.scopes()) {
    const sum = models.get(owner) ?? { model: owner, entries: 0, bytes: 0 };
    models.set(owner, { model: owner, entries: sum.entries + entries, bytes: sum.bytes + bytes });
  }
  return {
    entries: cache.entries, pending: cache.pending, bytes: cache.bytes, max_bytes: cache.maxBytes, evictions: cache.evictions,
    models: [...models.values()].sort((a, b) => (a.model < b.model ? -1 : 1)),
  };
}
