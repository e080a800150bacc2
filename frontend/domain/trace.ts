/** Whose work something is, as it goes from one process to the next (W3C Trace Context, level 1). Plain data. */
export interface TraceContext {
  /** 32 hexadecimal digits, not all 0. */
  readonly traceId: string;
  /** 16 hexadecimal digits, not all 0. */
  readonly spanId: string;
  /** Bit 0: it is sampled. */
  readonly flags: number;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/u;

/**
 * Reads a `traceparent` (§3.2); undefined where it is none, which is no error: it is as if nothing had been said. Of a
 * later version than 00 what is known of it is read.
 */
export function readTraceparent(text: unknown): TraceContext | undefined {
  const match = typeof text === 'string' ? TRACEPARENT.exec(text) : null;
  if (match === null) return undefined;
  const [, version = '', traceId = '', spanId = '', flags = '', more] = match;
  if (version === 'ff' || (version === '00' && more !== undefined) || /^0+$/u.test(traceId) || /^0+$/u.test(spanId)) return undefined;
  return { traceId, spanId, flags: Number.parseInt(flags, 16) };
}

export function traceparentOf({ traceId, spanId, flags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${(flags & 0xff).toString(16).padStart(2, '0')}`;
}

/** The context that all traced queries of a batch have; undefined where there is none, or more than one. */
export function sharedTrace(slices: readonly { readonly query: { readonly trace?: TraceContext } }[]): TraceContext | undefined {
  let shared: TraceContext | undefined;
  for (const { query: { trace } } of slices) {
    if (trace === undefined || trace === shared) continue;
    if (shared !== undefined && (shared.spanId !== trace.spanId || shared.traceId !== trace.traceId)) return undefined;
    shared = trace;
  }
  return shared;
}
