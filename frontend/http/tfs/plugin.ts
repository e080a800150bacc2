import type { FastifyReply, FastifyRequest } from 'fastify';
import { routedExchange } from '../exchange/routed-exchange.ts';
import type { HttpPlugin } from '../http-plugin.ts';
import { TfsDoor, type TfsDoorOptions } from './door.ts';
import { askedByPath } from './path.ts';
import { plainInference } from './plain-inference.ts';
import { gateRefusal } from './reply.ts';
import { TFS_ROUTES } from './routes.ts';

/** TensorFlow Serving's REST API, `/v1/models…`, as a plugin of the HTTP door. */
export function tfsPlugin(options: TfsDoorOptions): HttpPlugin {
  const door = new TfsDoor(options);
  const take = (request: FastifyRequest, reply: FastifyReply): void => {
    door.take(routedExchange(request, reply), askedByPath(request.method, request.url));
  };
  return {
    routes: TFS_ROUTES,
    refusing: { path: '/v1/models', reply: gateRefusal },
    register: async (scope) => {
      scope.removeAllContentTypeParsers();
      // The body stays in the socket, and its media type means nothing, as there.
      scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
      for (const url of ['/v1/models', '/v1/models/*']) scope.all(url, { exposeHeadRoute: false }, take);
    },
    lane: [plainInference((exchange, asked) => door.take(exchange, asked))],
  };
}
