import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { RouteEntry } from './route-table.ts';

/** Whether queries may be sent here, and which versions that are to run have no replica (`digits-mlp@1`): what is new may be missing of a broker that is ready. */
export interface Readiness {
  readonly ready: boolean;
  readonly missing: readonly string[];
}

export interface HealthSources {
  readiness(): Readiness;
  /** The scrape: a text, or its bytes, and its content type. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string | Uint8Array }>;
  /** The broker is shutting down: not ready, whatever the models are. */
  draining(): boolean;
}

const Alive = Type.Object({ status: Type.Literal('ok') });
const Ready = Type.Object({
  ready: Type.Boolean(),
  draining: Type.Boolean(),
  missing: Type.Array(Type.String(), { description: 'Model versions without a ready replica.' }),
});

export const HEALTH_ROUTES: readonly RouteEntry[] = Object.freeze([
  {
    method: 'GET', path: '/healthz', operationId: 'isAlive', tag: 'health', summary: 'Whether the process serves.',
    replies: [{ status: 200, description: 'It does.', content: [{ mediaType: 'application/json', schema: Alive }] }],
    errors: [],
  },
  {
    method: 'GET', path: '/readyz', operationId: 'isReady', tag: 'health', summary: 'Whether queries may be sent here.',
    replies: [
      { status: 200, description: 'Every version that was there at the start has been ready, what was ready still is, and the broker is not shutting down. What is new and loads beside it stands in `missing`.', content: [{ mediaType: 'application/json', schema: Ready }] },
      { status: 503, description: 'It starts, it lost a version or a model that answered, or it shuts down: `missing` and `draining` say why.', content: [{ mediaType: 'application/json', schema: Ready }] },
    ],
    errors: [],
  },
  {
    method: 'GET', path: '/metrics', operationId: 'metrics', tag: 'health', summary: 'Everything that is counted, for Prometheus.',
    replies: [{ status: 200, description: 'The text format of Prometheus.', content: [{ mediaType: 'text/plain', schema: Type.String() }] }],
    errors: [],
  },
]);

export function registerHealth(fastify: FastifyInstance, sources: HealthSources): void {
  fastify.get('/healthz', async () => ({ status: 'ok' }));
  fastify.get('/readyz', async (_request, reply) => {
    const { ready, missing } = sources.readiness();
    const draining = sources.draining();
    const state = { ready: ready && !draining, draining, missing };
    return reply.code(state.ready ? 200 : 503).send(state);
  });
  fastify.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await sources.metrics();
    return reply.type(contentType).send(text);
  });
}
