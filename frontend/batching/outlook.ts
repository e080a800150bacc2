import type { Micros } from '../domain/clock.ts';
import type { Controller } from './controller.ts';
import { endlessQueue } from './endless-queue.ts';
import type { LatencyLaw } from './latency-law.ts';

/** The size that a controller aims at, and the line through the law between that and one row: batchMicros + rows · rowMicros. */
export interface Outlook {
  readonly plannedRows: number;
  readonly rowMicros: number;
  readonly batchMicros: number;
}

/** What a law and a controller come to, for people to look at; undefined while nothing is known. */
export function outlookOf(law: LatencyLaw, controller: Controller, { now, sloMicros, maxBatch }: { now: Micros; sloMicros: Micros; maxBatch: number }): Outlook | undefined {
  const loneMicros = law.meanMicros(1);
  if (loneMicros === 0) return undefined;
  const mostRows = Math.min(maxBatch, Math.max(1, law.reachRows));
  const decided = controller.decide(endlessQueue(law, { now, sloMicros, replica: { id: '', maxBatch: mostRows }, mostRows }));
  const plannedRows = Math.min(mostRows, typeof decided === 'number' ? decided : decided.rows);
  const rows = Math.max(2, plannedRows);
  const rowMicros = (law.meanMicros(rows) - loneMicros) / (rows - 1);
  return { plannedRows, rowMicros, batchMicros: Math.max(0, loneMicros - rowMicros) };
}
