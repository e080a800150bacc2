import type { Failure } from '../../domain/answer.ts';
import { readContext, type Ask } from '../ask.ts';

/** Sequences are not kept here: a request that is one of a sequence must not be answered as if it stood alone. */
const SEQUENCE = ['sequence_id', 'sequence_start', 'sequence_end'];

/**
 * What the parameters of a request say: `timeout` (µs, the latency objective), `priority` (1 critical, 2 normal, 3 and more
 * sheddable, 0 the app's), `slo_ms`, `context` (a JSON object as text). They win over what headers said. What nobody here
 * knows is passed over, as the protocol has it.
 */
export function askOfParameters(parameter: (key: string) => unknown, headers: Ask): Ask | Failure {
  let ask = headers;
  const timeout = parameter('timeout');
  const sloMs = parameter('slo_ms') ?? (timeout === undefined || timeout === 0 ? undefined : Number(timeout) / 1000);
  if (sloMs !== undefined) {
    if (typeof sloMs !== 'number' || !(sloMs > 0)) return { code: 'invalid_slo', message: "parameters 'timeout' and 'slo_ms' must be positive numbers" };
    ask = { ...ask, sloMs };
  }
  const priority = parameter('priority');
  if (priority !== undefined && priority !== 0) {
    if (!Number.isSafeInteger(priority) || Number(priority) < 0) return { code: 'invalid_field', message: "parameter 'priority' must be a whole number of at least 0" };
    ask = { ...ask, priority: Math.min(Number(priority), 3) - 1 };
  }
  const context = parameter('context');
  if (context !== undefined) {
    const read = typeof context === 'string' ? readContext(context) : undefined;
    if (read === undefined) return { code: 'invalid_field', message: "parameter 'context' must be a JSON object as text" };
    ask = { ...ask, context: read };
  }
  const sequence = SEQUENCE.find((key) => isSaid(parameter(key)));
  return sequence === undefined ? ask : { code: 'invalid_field', message: `parameter '${sequence}': sequences are not supported` };
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== 0 && value !== false && value !== '';
}
