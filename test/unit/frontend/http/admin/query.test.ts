import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FastifyRequest } from 'fastify';
import { BrokerError } from '../../../../../frontend/domain/errors.ts';
import { readQuery } from '../../../../../frontend/http/admin/query.ts';

const request = (query: object): FastifyRequest => ({ query }) as FastifyRequest;

test('keys that the route knows are passed on, others are refused by name', () => {
  assert.deepEqual(readQuery(request({ dry_run: 'true' }), ['dry_run']), { dry_run: 'true' });
  const refused = (query: object, known: readonly string[]): string => {
    try {
      readQuery(request(query), known);
      return '';
    } catch (thrown) {
      assert.ok(thrown instanceof BrokerError);
      return `${thrown.code} ${thrown.path ?? ''} ${thrown.message}`;
    }
  };
  assert.equal(refused({ dry: '1' }, ['dry_run']), 'unknown_field ?dry Expected dry_run.');
  assert.equal(refused({ a: '1' }, []), 'unknown_field ?a The route takes no query.');
});
