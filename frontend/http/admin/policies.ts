import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { RouteEntry } from '../route-table.ts';
import { readRoute } from './change-route.ts';
import { readEntry } from './entries.ts';

/** A selection policy that apps may name: selection-policies/catalog.ts, and those that the configuration file brings. */
export interface AdminPolicy {
  readonly name: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, object>>;
}

export const POLICY_ROUTES: readonly RouteEntry[] = Object.freeze([
  readEntry({
    path: '/admin/policies', operationId: 'listPolicies', summary: 'The selection policies that an app may name, with their options. An app changes its policy by a PUT of the app.',
    schema: Type.Object({ policies: Type.Array(Type.Object({ name: Type.String(), summary: Type.String(), options: Type.Record(Type.String(), Type.Unknown()), apps: Type.Array(Type.String(), { description: 'Apps that choose by it.' }) })) }),
  }),
]);

/** Registers `/admin/policies`. `policies` is asked at each call; `users` says which apps choose by a policy. */
export function policyRoutes(fastify: FastifyInstance, policies: () => Iterable<AdminPolicy>, users: (policy: string) => readonly string[]): void {
  readRoute(fastify, '/admin/policies', () => ({
    policies: Array.from(policies(), ({ name, summary, options }) => ({ name, summary, options, apps: users(name) })),
  }));
}
