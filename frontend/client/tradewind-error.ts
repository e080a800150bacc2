/** What is known of a failure beside its code and message. */
export interface FailureFacts {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Where in what was sent the fault lies: `inputs[2].image`. */
  readonly path?: string | undefined;
  /** When a retry is worth it, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined;
  readonly requestId?: string | undefined;
  /** The receipt, where a decision had been taken. */
  readonly decisionId?: string | undefined;
  readonly details?: readonly unknown[] | undefined;
  readonly cause?: unknown;
}

/**
 * Why a call failed. `code` is one of the broker's error table, or of the client's own: `unreachable` (no connection, or it
 * broke), `timeout` (no answer within `timeoutMs`), `not_tradewind` (an answer that no broker gives).
 */
export class TradewindError extends Error {
  override readonly name = 'TradewindError';
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly path: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly decisionId: string | undefined;
  readonly details: readonly unknown[] | undefined;

  constructor(code: string, message: string, facts: FailureFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.status = facts.status;
    this.retryable = facts.retryable;
    this.path = facts.path;
    this.retryAfterMs = facts.retryAfterMs;
    this.requestId = facts.requestId;
    this.decisionId = facts.decisionId;
    this.details = facts.details;
  }

  /** From the body of a refusal; `retryAfter` is the header, in seconds. */
  static fromReply(status: number, body: unknown, retryAfter: string | null): TradewindError {
    const error = isMap(body) ? body['error'] : undefined;
    if (!isMap(error) || typeof error['code'] !== 'string') {
      return new TradewindError('not_tradewind', `status ${status}, and no error of a broker`, { status, retryable: status === 502 || status === 503 || status === 504, retryAfterMs: seconds(retryAfter) });
    }
    const { code, message, path, request_id: requestId, decision_id: decisionId, retry_after_ms: afterMs, details, retryable } = error;
    return new TradewindError(code, [text(message) ?? code, ...faultsOf(details)].join('\n'), {
      status, retryable: retryable === true, path: text(path), requestId: text(requestId), decisionId: text(decisionId),
      retryAfterMs: typeof afterMs === 'number' ? afterMs : seconds(retryAfter),
      details: Array.isArray(details) ? details : undefined,
    });
  }
}

/** A line for each fault of what was sent: the message alone says that there are some. */
function faultsOf(details: unknown): readonly string[] {
  if (!Array.isArray(details)) return [];
  return details.filter(isMap).flatMap(({ path, message, expected }) => {
    if (typeof message !== 'string') return [];
    return [`  ${text(path) ?? 'here'} ${message}${text(expected) === undefined ? '' : `; expected ${text(expected)}`}`];
  });
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Of `Retry-After`, which may be a date too: that of another host's clock, so it says nothing here. */
function seconds(header: string | null): number | undefined {
  const value = header === null || header === '' ? Number.NaN : Number(header);
  return Number.isFinite(value) && value >= 0 ? value * 1000 : undefined;
}
