import type { IncomingHttpHeaders } from 'node:http';

/** What the head of a request says, in the one strict form that the lane takes. */
export interface Head {
  readonly path: string;
  /** By name in lower case; none was given twice. */
  readonly headers: IncomingHttpHeaders;
  readonly bodyBytes: number;
  /** Its headers that may be another request's with another value, as they come in it. */
  readonly varying: readonly Varying[];
}

/** One such header, and where in the head its value begins and ends. */
export interface Varying {
  readonly name: VaryingName;
  readonly from: number;
  readonly to: number;
}

/** Headers whose values say nothing of where a request goes, and differ from one request of a client to its next. */
const VARYING = ['content-length', 'traceparent', 'x-request-id'] as const;
export type VaryingName = (typeof VARYING)[number];

/** No query, nothing encoded, nothing that some reader of URLs might take for something else. */
const REQUEST_LINE = /POST ((?:\/[A-Za-z0-9._:-]+)+) HTTP\/1\.1\r\n/y;
/** A token, a colon, at most one space, visible ASCII with single or more spaces inside: no tab, no obs-text, no space at the end. */
const HEADER_LINE = /([A-Za-z0-9!#$%&'*+.^_`|~-]+): ?([!-~]+(?: +[!-~]+)*)\r\n/y;

/** No sign, no zero in front, and no more than a body may have by far. */
const LENGTH = /^(?:0|[1-9][0-9]{0,8})$/;

/** Framing, codings, hops, and what browsers say of where they come from: a request that has any of these is node:http's. */
const NOT_HERE: ReadonlySet<string> = new Set([
  'transfer-encoding', 'content-encoding', 'trailer', 'te', 'upgrade', 'expect', 'http2-settings', 'proxy-connection', 'origin',
]);

/**
 * Reads a head, from `POST` to the empty line that ends it. Undefined for whatever is not in the form in which programs send
 * their requests: HTTP/1.1, a plain path, lines that end in CR LF, no header twice, one content length in digits, and no
 * header that changes what the bytes mean. All that it takes means the same to every reader of HTTP (RFC 9112 §2.1, §5, §6.3);
 * what it does not take need not be wrong.
 */
export function readHead(text: string): Head | undefined {
  REQUEST_LINE.lastIndex = 0;
  const path = REQUEST_LINE.exec(text)?.[1];
  if (path === undefined) return undefined;
  // No prototype: a header may be called `__proto__`.
  const headers = Object.create(null) as Record<string, string>;
  const varying: Varying[] = [];
  let at = REQUEST_LINE.lastIndex;
  while (at < text.length - 2) {
    HEADER_LINE.lastIndex = at;
    const line = HEADER_LINE.exec(text);
    const name = line?.[1]?.toLowerCase();
    const value = line?.[2];
    if (name === undefined || value === undefined || name in headers || NOT_HERE.has(name)) return undefined;
    headers[name] = value;
    at = HEADER_LINE.lastIndex;
    const to = at - 2;
    if (isVarying(name)) varying.push({ name, from: to - value.length, to });
  }
  const length = headers['content-length'];
  const { connection = 'keep-alive' } = headers;
  if (length === undefined || !LENGTH.test(length) || headers['host'] === undefined || connection.toLowerCase() !== 'keep-alive') return undefined;
  return text.endsWith('\r\n\r\n') && at === text.length - 2 ? { path, headers, bodyBytes: Number(length), varying } : undefined;
}

function isVarying(name: string): name is VaryingName {
  return (VARYING as readonly string[]).includes(name);
}
