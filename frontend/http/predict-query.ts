import type { Query } from '../domain/query.ts';
import type { Begun } from './exchange.ts';
import type { PredictBody } from './predict-body/predict-body.ts';

/** The query that a body asks: due an SLO after its head came. The body's SLO counts before what was said beside it. */
export function predictQuery(slot: number, { app, arrivedAtMicros, sloMs }: Pick<Begun, 'app' | 'arrivedAtMicros' | 'sloMs'>, body: PredictBody): Query {
  const sloMicros = Math.round((body.sloMs ?? sloMs ?? app.spec.sloMs) * 1000);
  const query: Query = {
    slot,
    app: app.spec.name,
    arrivedAtMicros,
    sloMicros,
    deadlineAtMicros: arrivedAtMicros + sloMicros,
    rows: body.rows,
    many: body.many,
    columns: body.columns,
    batchKey: body.batchKey,
    explain: body.explain,
  };
  const { context, pin } = body;
  if (context === undefined && pin === undefined) return query;
  return { ...query, ...(context === undefined ? {} : { context }), ...(pin === undefined ? {} : { pin }) };
}
