import type { Query } from '../domain/query.ts';
import { readTraceparent } from '../domain/trace.ts';
import type { Exchange } from './exchange/exchange.ts';
import type { Begun } from './place.ts';
import type { PredictBody } from './predict-body/predict-body.ts';

/** The query that a body asks: due an SLO after its head came. The body's SLO counts before what was said beside it. */
export function predictQuery(slot: number, { app, arrivedAtMicros, sloMs, exchange }: Pick<Begun, 'app' | 'arrivedAtMicros' | 'sloMs'> & { readonly exchange?: Pick<Exchange, 'headers'> }, body: PredictBody): Query {
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
  const traceparent = exchange?.headers['traceparent'];
  if (context === undefined && pin === undefined && traceparent === undefined) return query;
  const trace = readTraceparent(traceparent);
  return { ...query, ...(context === undefined ? {} : { context }), ...(pin === undefined ? {} : { pin }), ...(trace === undefined ? {} : { trace }) };
}
