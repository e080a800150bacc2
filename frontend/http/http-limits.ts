/** Everything that the HTTP door bounds. */
export interface HttpLimits {
  /** The longest body of a predict request. */
  readonly bodyBytes: number;
  /** Bytes of the tensors of an answer in JSON. */
  readonly jsonAnswerBytes: number;
  /** The longest body of any other request. */
  readonly otherBodyBytes: number;
  /** Request line and headers together. */
  readonly headerBytes: number;
  readonly connections: number;
  /** From the first byte of a request, or the connection's beginning, to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** The same to the end of its body. */
  readonly requestTimeoutMs: number;
  /** How long a connection may wait for its next request. */
  readonly keepAliveMs: number;
  /** How long nothing at all may move on a connection that waits for no answer, such as one that does not read its own. */
  readonly stallMs: number;
  /** Predict requests that are read or wait for their answer, over all connections and on one. */
  readonly openQueries: number;
  readonly openQueriesPerConnection: number;
  /** Bytes of their bodies together. */
  readonly openBodyBytes: number;
}

export const HTTP_LIMITS: HttpLimits = Object.freeze({
  bodyBytes: 32 * 1024 * 1024,
  jsonAnswerBytes: 16 * 1024 * 1024,
  otherBodyBytes: 1024 * 1024,
  headerBytes: 16 * 1024,
  connections: 8192,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveMs: 72_000,
  stallMs: 120_000,
  openQueries: 16_384,
  openQueriesPerConnection: 512,
  openBodyBytes: 512 * 1024 * 1024,
});
