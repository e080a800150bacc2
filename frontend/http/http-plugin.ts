import type { FastifyPluginAsync } from 'fastify';
import type { LaneRoute } from './lane/lane-route.ts';
import type { Refusing } from './refusals.ts';
import type { RouteEntry } from './route-table.ts';

/** Further routes of the HTTP door: what registers them, and their documentation. They refuse by throwing `BrokerError`. */
export interface HttpPlugin {
  readonly register: FastifyPluginAsync;
  readonly routes: readonly RouteEntry[];
  /** Those of them that the lane takes too, in their plain form. */
  readonly lane?: readonly LaneRoute[];
  /** How its requests are refused before any route has them: by their host, their headers, their method. */
  readonly refusing?: Refusing;
}
