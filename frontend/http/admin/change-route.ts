import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuditEntry, Deed } from '../../domain/audit.ts';
import { BrokerError } from '../../domain/errors.ts';
import { adminCaller, type AdminAccess } from './access.ts';
import { readQuery } from './query.ts';

type Params = Readonly<Record<'app' | 'model' | 'version' | 'label' | 'replica' | 'token', string>>;
export type AdminRequest = FastifyRequest<{ Params: Params; Querystring: Readonly<Record<string, unknown>> }>;

/** How a change of durable state is asked for. */
export interface AdminChange {
  readonly ifMatch?: string;
  readonly dryRun?: boolean;
  readonly by: Deed;
}

export type AdminResult =
  | { readonly ok: true; readonly changed: { readonly revision: number; readonly etag: string; readonly dryRun: boolean; readonly diff: unknown; readonly held?: readonly unknown[] } }
  | { readonly ok: false; readonly error: BrokerError };

type Perform = (request: AdminRequest, options: AdminChange) => Promise<AdminResult>;
export type ChangeRoute = (method: 'PUT' | 'POST' | 'DELETE', url: string, perform: Perform) => void;

/** Registers routes that change durable state: `If-Match` and `?dry_run=true` in, revision, etag and diff out. */
export function changeRoute(fastify: FastifyInstance, access: AdminAccess): ChangeRoute {
  return (method, url, perform) => {
    fastify.route({ method, url, handler: async (request, reply): Promise<FastifyReply> => {
      const result = await perform(request as AdminRequest, { ...readChange(request), by: deedOf(request, access) });
      if (!result.ok) throw result.error;
      const { revision, etag, diff, dryRun, held = [] } = result.changed;
      return reply.header('etag', etag).send({ revision, dry_run: dryRun, diff, ...(held.length === 0 ? {} : { held }) });
    } });
  };
}

/** What an act that is no change of durable state came to: the answer, and what the audit log keeps of it. */
interface Act {
  readonly answer: unknown;
  readonly detail?: unknown;
}
export type ActRoute = (method: 'PUT' | 'POST' | 'DELETE', url: string, query: readonly string[], perform: (request: AdminRequest, query: Readonly<Record<string, unknown>>) => Act | Promise<Act>) => void;

/** Registers routes that do something at once. What was done is answered once it is in the audit log, or could not be put there. */
export function actRoute(fastify: FastifyInstance, { access, audit }: { readonly access: AdminAccess; readonly audit: { record(entry: AuditEntry): Promise<void> } }): ActRoute {
  return (method, url, known, perform) => {
    fastify.route({ method, url, handler: async (request, reply): Promise<FastifyReply> => {
      const { answer, detail } = await perform(request as AdminRequest, readQuery(request, known));
      await audit.record({ ...deedOf(request, access), ...(detail === undefined ? {} : { detail }) });
      return reply.send(answer);
    } });
  };
}

/** Registers a route that only reads; `etag` is that of the durable state that it shows. */
export function readRoute(fastify: FastifyInstance, url: string, view: (request: AdminRequest) => unknown, etag?: () => string): void {
  fastify.get(url, async (request, reply) => {
    readQuery(request, []);
    const shown = await view(request as AdminRequest);
    return (etag === undefined ? reply : reply.header('etag', etag())).send(shown);
  });
}

function readChange(request: FastifyRequest): Omit<AdminChange, 'by'> {
  const { dry_run: dryRun } = readQuery(request, ['dry_run']);
  if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false') throw new BrokerError('invalid_field', 'Expected true or false.', { path: '?dry_run' });
  const ifMatch = request.headers['if-match'];
  return { dryRun: dryRun === 'true', ...(ifMatch === undefined ? {} : { ifMatch }) };
}

/** The hook at the door has let them in: here it is only said who they are. */
function deedOf(request: FastifyRequest, access: AdminAccess): Deed {
  const who = adminCaller(request.raw, access);
  if (who instanceof BrokerError) throw who;
  return { who, what: `${request.method} ${request.url.split('?', 1)[0] ?? ''}` };
}
