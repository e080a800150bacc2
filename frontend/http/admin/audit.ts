import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { AuditStore } from '../../domain/audit.ts';
import { BrokerError } from '../../domain/errors.ts';
import type { RouteEntry } from '../route-table.ts';
import { readEntry } from './entries.ts';
import { readQuery } from './query.ts';

const MOST = 1000;
const USUAL = 100;

const RECORD = Type.Object({
  number: Type.Integer({ description: 'Rises by one from record to record.' }), at: Type.String(),
  who: Type.String({ description: '`socket` (the control socket), `token:NAME`, `loopback`, `file` or `broker`.' }),
  what: Type.String(), detail: Type.Optional(Type.Unknown({ description: 'What changed by it.' })),
});

export const AUDIT_ROUTES: readonly RouteEntry[] = Object.freeze([
  readEntry({
    path: '/admin/audit', operationId: 'readAudit', summary: 'What was changed, and by whom: the newest first, the last ten thousand.',
    parameters: [
      { in: 'query', name: 'limit', description: `At most so many; ${USUAL} unless given.`, schema: Type.Integer({ minimum: 1, maximum: MOST }) },
      { in: 'query', name: 'before', description: 'Only records with a lower number: `next` of the answer before.', schema: Type.Integer({ minimum: 1 }) },
    ],
    schema: Type.Object({ records: Type.Array(RECORD), next: Type.Optional(Type.Integer({ description: 'There may be more before this number.' })) }),
    errors: ['invalid_field'],
  }),
]);

/** Registers `/admin/audit`. */
export function auditRoutes(fastify: FastifyInstance, store: Pick<AuditStore, 'audit'>): void {
  fastify.get('/admin/audit', async (request, reply) => {
    const query = readQuery(request, ['limit', 'before']);
    const most = wholeNumber(query, 'limit', MOST) ?? USUAL;
    const before = wholeNumber(query, 'before', Number.MAX_SAFE_INTEGER);
    const records = await store.audit({ most, ...(before === undefined ? {} : { before }) });
    const last = records.at(-1);
    return reply.send({
      records: records.map(({ atEpochMs, number, ...record }) => ({ number, at: new Date(atEpochMs).toISOString(), ...record })),
      ...(last !== undefined && records.length === most && last.number > 1 ? { next: last.number } : {}),
    });
  });
}

function wholeNumber(query: Readonly<Record<string, unknown>>, word: string, most: number): number | undefined {
  const text = query[word];
  if (text === undefined) return undefined;
  const number = typeof text === 'string' && /^[1-9][0-9]{0,15}$/u.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw new BrokerError('invalid_field', `Expected a whole number from 1 to ${most}.`, { path: `?${word}` });
  return number;
}
