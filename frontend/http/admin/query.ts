import type { FastifyRequest } from 'fastify';
import { BrokerError } from '../../domain/errors.ts';

/** The query of an admin request; a key that the route does not know is refused. */
export function readQuery(request: FastifyRequest, known: readonly string[]): Readonly<Record<string, unknown>> {
  const query = request.query as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(query)) {
    if (!known.includes(key)) throw new BrokerError('unknown_field', known.length === 0 ? 'The route takes no query.' : `Expected ${known.join(', ')}.`, { path: `?${key}` });
  }
  return query;
}
