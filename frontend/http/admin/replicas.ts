import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { BrokerError } from '../../domain/errors.ts';
import { modelKey, type DesiredState, type ModelKey } from '../../domain/model.ts';
import type { RouteEntry } from '../route-table.ts';
import { readRoute, type ActRoute, type AdminChange, type AdminResult, type ChangeRoute } from './change-route.ts';
import { actEntry, changeEntry, readEntry } from './entries.ts';
import { versionNumber } from './path-words.ts';

/** What admin needs of the replicas that run (frontend/lifecycle/supervisor.ts). False: there is none of this number. */
export interface AdminReplicas {
  /** Another takes its place, and it serves on until that is ready. */
  replace(key: ModelKey, replica: number): boolean;
  /** It goes as soon as one is too many, or no longer before others. */
  partFirst(key: ModelKey, replica: number, favoured: boolean): boolean;
}

interface ReplicaOwner {
  readonly current: DesiredState;
  setReplicas(model: string, version: number, replicas: number, options: AdminChange): Promise<AdminResult>;
}

const REPLICA = Type.Object({
  id: Type.String(), state: Type.String(), stateForMs: Type.Integer(), pid: Type.Optional(Type.Integer()), deaths: Type.Integer(),
  reason: Type.Optional(Type.String()),
  limits: Type.Optional(Type.Array(Type.Object({ limit: Type.String(), by: Type.String({ description: 'What holds the replica to it: cgroup, watching, environment, priority (of its threads), autogroup (of its session too), or nobody.' }), why: Type.Optional(Type.String()) }))),
  output: Type.Array(Type.String(), { description: 'The last lines that it printed, escape codes taken out.' }),
});
const PATH = '/admin/models/{model}/versions/{version}/replicas';

export const REPLICA_ROUTES: readonly RouteEntry[] = Object.freeze([
  readEntry({ path: PATH, operationId: 'listReplicas', summary: 'The replicas of a version: state, deaths, last output.', schema: Type.Object({ desired: Type.Integer(), replicas: Type.Array(REPLICA) }), errors: ['unknown_version', 'invalid_field'] }),
  actEntry({ method: 'POST', path: `${PATH}/{replica}/restart`, operationId: 'restartReplica', summary: 'Starts another replica in the place of this one, which serves on until the other is ready.', schema: Type.Object({ replica: Type.Integer(), restarting: Type.Boolean() }), errors: ['unknown_version', 'unknown_replica'] }),
  changeEntry({ method: 'POST', path: `${PATH}/{replica}/drain`, operationId: 'drainReplica', summary: 'Takes this replica away: it answers what it has and ends, and one fewer is wanted.', errors: ['unknown_model', 'unknown_version', 'unknown_replica', 'invalid_config'] }),
]);

/** Registers the routes of single replicas. `status` is what runs of a model version, as plain data. */
export function replicaRoutes(fastify: FastifyInstance, { act, change, owner, replicas, status }: {
  readonly act: ActRoute;
  readonly change: ChangeRoute;
  readonly owner: ReplicaOwner;
  readonly replicas: AdminReplicas;
  readonly status: (key: ModelKey) => unknown;
}): void {
  const at = '/admin/models/:model/versions/:version/replicas';
  const find = ({ model, version }: { model: string; version: string }): ModelKey => {
    const key = modelKey(model, versionNumber(version));
    if (owner.current.models[key] === undefined) throw new BrokerError('unknown_version', `There is no ${key}.`);
    return key;
  };
  readRoute(fastify, at, ({ params }) => {
    const { desired = 0, replicas: those = [] } = (status(find(params)) ?? {}) as { desired?: number; replicas?: readonly unknown[] };
    return { desired, replicas: those };
  });
  act('POST', `${at}/:replica/restart`, [], ({ params }) => {
    const replica = replicaNumber(params.replica);
    if (!replicas.replace(find(params), replica)) throw unknownReplica(params);
    return { answer: { replica, restarting: true } };
  });
  change('POST', `${at}/:replica/drain`, async ({ params }, options) => {
    const key = find(params);
    const replica = replicaNumber(params.replica);
    const wanted = owner.current.models[key]?.replicas ?? 0;
    if (!replicas.partFirst(key, replica, true)) throw unknownReplica(params);
    const result = await owner.setReplicas(params.model, versionNumber(params.version), Math.max(0, wanted - 1), options);
    if (!result.ok || options.dryRun === true) replicas.partFirst(key, replica, false);
    return result;
  });
}

function replicaNumber(text: string): number {
  return /^[1-9][0-9]{0,8}$/u.test(text) ? Number(text) : 0;
}

function unknownReplica({ model, version, replica }: { model: string; version: string; replica: string }): BrokerError {
  return new BrokerError('unknown_replica', `${model}@${version} has no replica ${replica} now.`);
}
