import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '../../../../frontend/domain/audit.ts';
import { lenientAudit } from '../../../../frontend/lifecycle/lenient-audit.ts';

test('an entry that cannot be kept stands in the log, and nobody is held up by it', async () => {
  const kept: AuditEntry[] = [];
  const logged: unknown[] = [];
  let isFull = false;
  const take = (fields: object, message: string): void => void logged.push([fields, message]);
  const audit = lenientAudit({
    record: async (entry) => {
      if (isFull) throw new Error('database or disk is full');
      kept.push(entry);
    },
    audit: async ({ most }) => [{ number: most, atEpochMs: 0, who: 'socket', what: 'stop' }],
  }, { debug: take, info: take, warn: take, error: take });
  await audit.record({ who: 'socket', what: 'stop' });
  isFull = true;
  await audit.record({ who: 'token:ops', what: 'backup' });
  assert.deepEqual(kept, [{ who: 'socket', what: 'stop' }]);
  assert.deepEqual(logged, [[{ err: new Error('database or disk is full'), entry: { who: 'token:ops', what: 'backup' } }, 'the audit log takes no more; what was done stands here']]);
  assert.equal((await audit.audit({ most: 7 }))[0]?.number, 7);
});
