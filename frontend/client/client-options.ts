export interface ClientOptions {
  /** Where the broker is: `http://localhost:8000`. */
  readonly url: string;
  /** Bearer token. */
  readonly token?: string;
  /** Bearer token of the operator, for `deploy`. */
  readonly adminToken?: string;
  /** Latency objective in milliseconds of queries that say none; the app's own where it is left out. */
  readonly sloMs?: number;
  /** How long a call may take in all, retries included; 10 000. */
  readonly timeoutMs?: number;
  /** Most retries of a call; 3. */
  readonly retries?: number;
  /** For tests: `fetch`, milliseconds that only rise, a number in [0, 1), a wait. */
  readonly fetch?: typeof fetch;
  readonly now?: () => number;
  readonly random?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

export interface CallOptions {
  /** Aborts the call: it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}
