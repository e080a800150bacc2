import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { LOG_LEVELS } from '../../config/options.ts';
import type { RouteEntry } from '../route-table.ts';
import { readBody } from './body.ts';
import { readRoute, type ActRoute } from './change-route.ts';
import { actEntry, readEntry } from './entries.ts';

const LEVEL_BODY = Type.Object({ level: Type.Unsafe<(typeof LOG_LEVELS)[number]>(Type.Union(LOG_LEVELS.map((level) => Type.Literal(level)), { description: 'Least level that is logged.' })) }, { additionalProperties: false });

export const LOG_ROUTES: readonly RouteEntry[] = Object.freeze([
  readEntry({ path: '/admin/log', operationId: 'readLogLevel', summary: 'Least level that is logged now.', schema: LEVEL_BODY }),
  actEntry({ method: 'PUT', path: '/admin/log', operationId: 'setLogLevel', summary: 'Sets the least level that is logged, until the next start: then it is what config says.', body: LEVEL_BODY, schema: LEVEL_BODY }),
]);

/** Registers `/admin/log`. `log` is the logger whose level it is. */
export function logRoutes(fastify: FastifyInstance, act: ActRoute, log: { level: string }): void {
  readRoute(fastify, '/admin/log', () => ({ level: log.level }));
  act('PUT', '/admin/log', [], ({ body }) => {
    const { level } = readBody(LEVEL_BODY, body);
    const before = log.level;
    log.level = level;
    return { answer: { level }, detail: { before, after: level } };
  });
}
