import type { AuditEntry, AuditStore } from '../domain/audit.ts';
import type { Log } from '../domain/log.ts';

/**
 * The audit log for what is done at once and changes nothing durable: where it takes no more (the disk is full) the entry stands in the
 * broker's log, at level error, and what was asked for is done all the same. Nobody is kept from stopping a broker, or from
 * a backup to another disk, by what these would mend. `record` never rejects.
 */
export function lenientAudit(store: AuditStore, log: Log): AuditStore {
  return {
    record: async (entry: AuditEntry) => {
      try {
        await store.record(entry);
      } catch (err) {
        log.error({ err, entry }, 'the audit log takes no more; what was done stands here');
      }
    },
    audit: (page) => store.audit(page),
  };
}
