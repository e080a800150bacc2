import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { RouteEntry } from '../route-table.ts';
import { readRoute } from './change-route.ts';
import { readEntry } from './entries.ts';

/** The broker itself, as it is now. */
export interface BrokerFacts {
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly configFile: string;
  /** Where the HTTP door listens. */
  readonly url: string | undefined;
  readonly ready: boolean;
  readonly draining: boolean;
  /** Model versions without a ready replica. */
  readonly missing: readonly string[];
  readonly openQueries: number;
  readonly residentBytes: number;
}

export const BROKER_ROUTES: readonly RouteEntry[] = Object.freeze([
  readEntry({
    path: '/admin/broker', operationId: 'readBroker', summary: 'The broker itself: version, process, readiness, load.',
    schema: Type.Object({
      version: Type.String(), node: Type.String(), pid: Type.Integer(), started_at: Type.String(), config_file: Type.String(), url: Type.Optional(Type.String()),
      ready: Type.Boolean(), draining: Type.Boolean(), missing: Type.Array(Type.String(), { description: 'Model versions without a ready replica.' }),
      open_queries: Type.Integer(), resident_bytes: Type.Integer(),
    }),
  }),
]);

/** Registers `/admin/broker`. */
export function brokerRoutes(fastify: FastifyInstance, facts: () => BrokerFacts): void {
  readRoute(fastify, '/admin/broker', () => {
    const { version, node, pid, startedAt, configFile, url, ready, draining, missing, openQueries, residentBytes } = facts();
    return { version, node, pid, started_at: startedAt, config_file: configFile, ...(url === undefined ? {} : { url }), ready, draining, missing, open_queries: openQueries, resident_bytes: residentBytes };
  });
}
