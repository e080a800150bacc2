/**
 * The one table of everything that can go wrong: code → message, HTTP status, gRPC status, whether a retry can help, and
 * the class under which metrics count it. README's error table is held equal to it by test/tidy.
 *
 * `miss` marks the reasons for which a query that was accepted gets no model's answer: with `on_miss: default` they stand
 * beside the default output (HTTP 200), with `on_miss: error` they are the answer.
 */
export interface ErrorRow {
  readonly message: string;
  readonly http: number;
  /** Canonical name of the gRPC status. */
  readonly grpc: string;
  readonly retryable: boolean;
  readonly miss: boolean;
}

function refused(http: number, grpc: string, message: string): ErrorRow {
  return { message, http, grpc, retryable: false, miss: false };
}
function missed(http: number, grpc: string, message: string, retryable = true): ErrorRow {
  return { message, http, grpc, retryable, miss: true };
}

const TABLE = {
  // The request cannot be read.
  not_json: refused(400, 'INVALID_ARGUMENT', 'The body is not valid JSON.'),
  too_deep: refused(400, 'INVALID_ARGUMENT', 'The body is nested too deeply.'),
  unknown_field: refused(400, 'INVALID_ARGUMENT', 'The body has a field that this route does not know.'),
  duplicate_field: refused(400, 'INVALID_ARGUMENT', 'The body gives one field twice.'),
  invalid_field: refused(400, 'INVALID_ARGUMENT', 'A field has a value that it cannot take.'),
  missing_input: refused(400, 'INVALID_ARGUMENT', 'Neither `input` nor `inputs` was given, or an input of the signature is missing.'),
  ambiguous_input: refused(400, 'INVALID_ARGUMENT', 'Both `input` and `inputs` were given.'),
  empty_inputs: refused(400, 'INVALID_ARGUMENT', '`inputs` holds no rows.'),
  too_many_rows: refused(400, 'INVALID_ARGUMENT', 'The request has more rows than are allowed.'),
  unknown_input: refused(400, 'INVALID_ARGUMENT', 'The model has no input of this name.'),
  wrong_shape: refused(400, 'INVALID_ARGUMENT', 'The input does not have the shape that the model expects.'),
  ragged_input: refused(400, 'INVALID_ARGUMENT', 'Nested arrays differ in length.'),
  wrong_dtype: refused(400, 'INVALID_ARGUMENT', 'A value is not of the dtype that the model expects.'),
  not_finite: refused(400, 'INVALID_ARGUMENT', 'A number is not finite in the dtype that the model expects.'),
  invalid_base64: refused(400, 'INVALID_ARGUMENT', 'A base64 value cannot be decoded.'),
  invalid_slo: refused(400, 'INVALID_ARGUMENT', '`slo_ms` is not a number within the bounds of the app.'),
  body_too_large: refused(413, 'RESOURCE_EXHAUSTED', 'The body is larger than is allowed.'),
  answer_too_large: refused(406, 'FAILED_PRECONDITION', 'The answer is too large for JSON: it can be had in binary.'),
  unsupported_media_type: refused(415, 'INVALID_ARGUMENT', 'The route does not take this content type or encoding.'),
  headers_too_large: refused(431, 'RESOURCE_EXHAUSTED', 'The request headers are larger than is allowed.'),
  malformed_request: refused(400, 'INVALID_ARGUMENT', 'The bytes are not an HTTP request.'),
  request_timeout: { message: 'The request did not arrive in time.', http: 408, grpc: 'DEADLINE_EXCEEDED', retryable: true, miss: false },
  // What it names does not exist, or may not be done.
  unknown_route: refused(404, 'UNIMPLEMENTED', 'There is no such route.'),
  method_not_allowed: refused(405, 'UNIMPLEMENTED', 'The route exists, but not for this method.'),
  unknown_app: refused(404, 'NOT_FOUND', 'There is no app of this name.'),
  unknown_model: refused(404, 'NOT_FOUND', 'There is no model of this name here.'),
  unknown_version: refused(404, 'NOT_FOUND', 'The model has no such version or label here.'),
  unknown_replica: refused(404, 'NOT_FOUND', 'The version has no such replica now.'),
  unknown_token: refused(404, 'NOT_FOUND', 'There is no token of this name.'),
  wrong_host: refused(421, 'PERMISSION_DENIED', 'The Host header is not on the allow-list.'),
  cross_origin: refused(403, 'PERMISSION_DENIED', 'Changes are taken from the same origin only.'),
  unauthenticated: refused(401, 'UNAUTHENTICATED', 'A valid bearer token is needed.'),
  forbidden: refused(403, 'PERMISSION_DENIED', 'The bearer token is one of another app.'),
  rate_limited: { message: 'The bearer token has asked as often as it may for now.', http: 429, grpc: 'RESOURCE_EXHAUSTED', retryable: true, miss: false },
  code_not_allowed: refused(403, 'PERMISSION_DENIED', 'Commands and file paths are taken through admin only with `admin.allow_code` and below `admin.deploy_root`.'),
  invalid_config: refused(422, 'INVALID_ARGUMENT', 'What was wanted cannot be: every fault is listed.'),
  stale_etag: refused(412, 'ABORTED', 'Somebody changed the state since the etag that was given.'),
  in_use: refused(409, 'FAILED_PRECONDITION', 'Something else still refers to it.'),
  not_ready: refused(409, 'FAILED_PRECONDITION', 'A label points only at a version that is ready.'),
  // Feedback that is not taken.
  unknown_decision: refused(404, 'NOT_FOUND', 'That is no decision id, or none of an app that is known here.'),
  forged_decision: refused(403, 'PERMISSION_DENIED', 'The decision id was not signed here, or was changed since.'),
  retired_key: refused(410, 'FAILED_PRECONDITION', 'The decision id was signed with a key that is not held any more.'),
  future_decision: refused(409, 'FAILED_PRECONDITION', 'The decision is of a time that has not come yet.'),
  feedback_late: refused(410, 'FAILED_PRECONDITION', 'The reward window of the decision is over.'),
  invalid_reward: refused(422, 'INVALID_ARGUMENT', 'The reward, label or value is not one that the app takes.'),
  not_an_app: refused(409, 'FAILED_PRECONDITION', 'The decision was taken for a model by its own name: there is no app that could learn from it.'),
  label_unavailable: refused(409, 'FAILED_PRECONDITION', 'The outputs of the decision are not in the journal, so a label cannot be held against them.'),
  feedback_full: { message: 'The store holds as much feedback as it may.', http: 507, grpc: 'RESOURCE_EXHAUSTED', retryable: true, miss: false },
  feedback_overloaded: { message: 'As much feedback waits to be stored as may.', http: 503, grpc: 'RESOURCE_EXHAUSTED', retryable: true, miss: false },
  feedback_unavailable: { message: 'The store of feedback cannot be used now; a retry is safe.', http: 503, grpc: 'UNAVAILABLE', retryable: true, miss: false },
  not_saved: { message: 'The change could not be saved, and was not made.', http: 503, grpc: 'UNAVAILABLE', retryable: true, miss: false },
  // An accepted query that no model answered.
  no_replica: missed(503, 'UNAVAILABLE', 'No replica of the model is ready.'),
  queue_full: missed(503, 'RESOURCE_EXHAUSTED', 'The queue of the model is full.'),
  infeasible: missed(503, 'UNAVAILABLE', 'The model is too busy to answer inside the SLO.'),
  slo_unreachable: missed(503, 'FAILED_PRECONDITION', 'The model cannot answer inside the SLO even alone.', false),
  expired_in_queue: missed(504, 'DEADLINE_EXCEEDED', 'The deadline came while the query was queued.'),
  deadline_exceeded: missed(504, 'DEADLINE_EXCEEDED', 'The deadline came while the model was computing.'),
  replica_failed: missed(503, 'UNAVAILABLE', 'The replicas that were asked died or hung.'),
  batch_failed: missed(500, 'INTERNAL', 'The model failed on the batch.'),
  row_failed: missed(500, 'INTERNAL', 'The model failed on this row.', false),
  invalid_output: missed(500, 'INTERNAL', 'The model answered something that its output kind does not allow.', false),
  poison: missed(422, 'FAILED_PRECONDITION', 'This input killed replicas; it is refused for a minute.', false),
  overloaded: missed(503, 'RESOURCE_EXHAUSTED', 'The broker holds as many queries as it may.'),
  low_confidence: missed(503, 'FAILED_PRECONDITION', 'The arms agree too little for an answer.', false),
  journal_full: missed(503, 'RESOURCE_EXHAUSTED', 'The app needs its decisions recorded, and the journal takes no more just now.'),
  draining: missed(503, 'UNAVAILABLE', 'The broker is shutting down.'),
  // Ours.
  cancelled: { message: 'The caller went away.', http: 499, grpc: 'CANCELLED', retryable: false, miss: false },
  internal: { message: 'A fault of the broker.', http: 500, grpc: 'INTERNAL', retryable: true, miss: false },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof TABLE;
export const ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = Object.freeze(TABLE);

/**
 * A refusal that has to travel as an exception: at IO edges and through libraries. Inside, refusals are values.
 * `path` says where in the input; `details` is more for the caller, and holds no secret.
 */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly details: readonly unknown[] | undefined;
  /** When a further try is worth it, where that is known. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message?: string, more: { path?: string; details?: readonly unknown[]; retryAfterMs?: number; cause?: unknown } = {}) {
    super(message ?? ERRORS[code].message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.path = more.path;
    this.details = more.details;
    this.retryAfterMs = more.retryAfterMs;
  }

  /** Anything thrown, as one of ours; what we did not foresee is `internal`. */
  static from(thrown: unknown): BrokerError {
    if (thrown instanceof BrokerError) return thrown;
    return new BrokerError('internal', undefined, { cause: thrown });
  }
}
