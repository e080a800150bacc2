import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import { RULES } from '../../config/options.ts';
import { rulesOf, writeRules } from '../../config/rule-words.ts';
import { inputSchema, plain } from '../../config/schema.ts';
import { BrokerError } from '../../domain/errors.ts';
import type { DesiredState, ModelRules } from '../../domain/model.ts';
import type { SourceStatus } from '../../domain/source.ts';
import type { RouteEntry } from '../route-table.ts';
import { readBody } from './body.ts';
import { readRoute, type AdminChange, type AdminResult, type ChangeRoute } from './change-route.ts';
import { changeEntry, readEntry } from './entries.ts';
import { name } from './path-words.ts';

interface VersionOwner {
  readonly current: DesiredState;
  readonly etag: string;
  putRules(model: string, rules: ModelRules | undefined, options: AdminChange): Promise<AdminResult>;
  rollback(model: string, label: string, options: AdminChange): Promise<AdminResult>;
}

/** One version as it runs now (frontend/control/version-life.ts). */
export interface AdminVersion {
  readonly model: string;
  readonly version: number;
  /** A word of the life of a version: waiting, loading, failing, ready, recovering, idle, leaving, ending. */
  readonly state: string;
  readonly forMs: number;
  /** Why it waits (turn, no_memory, room), or why it failed. */
  readonly reason?: string;
  readonly text?: string;
}

/** What admin needs of those who bring versions to life. */
export interface AdminVersions {
  readonly owner: VersionOwner;
  readonly sources: () => readonly SourceStatus[];
  readonly versions: () => readonly AdminVersion[];
}

const RULES_PATH = '/admin/models/{model}/rules';
const RULES_BODY = inputSchema(plain(RULES));
const VERSION = Type.Object({
  model: Type.String(), version: Type.Integer(), state: Type.String({ description: 'waiting, loading, failing, ready, recovering, idle, leaving or ending.' }),
  for_ms: Type.Integer(), reason: Type.Optional(Type.String({ description: 'Why it waits (turn, no_memory, room), or why it failed.' })), text: Type.Optional(Type.String()),
});
const SOURCE = Type.Object({
  folder: Type.String(), poll_ms: Type.Integer(), refused: Type.Array(Type.Object({ path: Type.String(), why: Type.String() })),
  settling: Type.Array(Type.String(), { description: 'Folders of versions that are still being written.' }), unreadable: Type.Optional(Type.String()),
});

export const VERSION_ROUTES: readonly RouteEntry[] = Object.freeze([
  readEntry({ path: '/admin/versions', operationId: 'listVersions', summary: 'Every version that is not gone, and how it lives.', schema: Type.Object({ versions: Type.Array(VERSION) }) }),
  readEntry({ path: '/admin/sources', operationId: 'listSources', summary: 'The folders that versions are found in, and what was not taken from them.', schema: Type.Object({ sources: Type.Array(SOURCE) }) }),
  readEntry({ path: RULES_PATH, operationId: 'readRules', summary: 'How the versions of a model come, go and share traffic.', schema: plain(RULES), etag: true, errors: ['unknown_model'] }),
  changeEntry({ method: 'PUT', path: RULES_PATH, operationId: 'putRules', summary: 'Says how the versions of a model come, go and share traffic.', body: RULES_BODY, errors: ['unknown_model'] }),
  changeEntry({ method: 'DELETE', path: RULES_PATH, operationId: 'deleteRules', summary: 'Leaves a model without rules of its own.', errors: ['unknown_model'] }),
  changeEntry({ method: 'POST', path: '/admin/models/{model}/labels/{label}/rollback', operationId: 'rollbackLabel', summary: 'Points a label back at the version that it pointed at before, if that is still ready.', errors: ['unknown_model', 'unknown_version', 'not_ready'] }),
]);

export function versionRoutes(fastify: FastifyInstance, change: ChangeRoute, { owner, sources, versions }: AdminVersions): void {
  readRoute(fastify, '/admin/versions', () => ({
    versions: versions().map(({ forMs, ...version }) => ({ ...version, for_ms: forMs })),
  }));
  readRoute(fastify, '/admin/sources', () => ({ sources: sources().map(({ pollMs, ...source }) => ({ ...source, poll_ms: pollMs })) }));
  readRoute(fastify, '/admin/models/:model/rules', ({ params }) => {
    if (Object.values(owner.current.models).every((spec) => spec.name !== params.model)) throw new BrokerError('unknown_model', `There is no model "${params.model}".`);
    return writeRules(owner.current.rules?.[params.model] ?? {});
  }, () => owner.etag);
  change('PUT', '/admin/models/:model/rules', ({ params, body }, options) => owner.putRules(name(params.model), rulesOf(readBody(RULES, body)), options));
  change('DELETE', '/admin/models/:model/rules', ({ params }, options) => owner.putRules(params.model, undefined, options));
  change('POST', '/admin/models/:model/labels/:label/rollback', ({ params }, options) => owner.rollback(params.model, params.label, options));
}
