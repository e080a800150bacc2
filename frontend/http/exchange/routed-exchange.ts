import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Connection } from './exchange.ts';
import { HttpExchange } from './http-exchange.ts';

/**
 * The exchange of a request that came through the router, which does not answer for it any more. Its connection is one of its
 * own: the door's is not known here, and need not be, as each such request tells by itself that it closed.
 */
export function routedExchange({ raw: request, id: requestId }: FastifyRequest, reply: FastifyReply): HttpExchange {
  reply.hijack();
  const { raw: response } = reply;
  const connection: Connection = { socket: request.socket, open: [], latest: undefined, takeBackProbe: () => {}, failed: false };
  response.on('close', () => {
    for (const open of [...connection.open]) open.leave();
  });
  return new HttpExchange({ request, response, connection, requestId });
}
