import assert from 'node:assert/strict';
import type { BrokerProcess } from './broker-process.ts';
import type { LoadReport } from './steady-load.ts';

/** Every query was answered, once, and no answer was another's; every answer is of a kind that may be. */
export function assertSettled({ sent, answered, broken, wrong, kinds }: LoadReport, kind: RegExp): void {
  assert.deepEqual({ broken, wrong, unanswered: sent - answered }, { broken: [], wrong: [], unanswered: 0 });
  for (const one of Object.keys(kinds)) assert.match(one, kind);
}

/** The metrics tell of the load what its clients saw: as many answers by source and reason, and nothing left open. */
export async function assertCounted(broker: BrokerProcess, app: string, kinds: LoadReport['kinds']): Promise<void> {
  for (const [kind, count] of Object.entries(kinds)) {
    const [, source = '', reason = ''] = /^200 (\S+) ?(.*)$/u.exec(kind) ?? ['', 'error', kind.slice(4)];
    assert.equal(await broker.metric('tradewind_requests_total', { app, source, reason }), count, kind);
  }
  assert.equal(await broker.metric('tradewind_open_queries'), 0);
}
