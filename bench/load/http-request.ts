export interface RequestParts {
  readonly method?: string;
  readonly path: string;
  readonly host: string;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** One HTTP/1.1 request as bytes, and where its body starts in them. */
export interface EncodedRequest {
  readonly bytes: Buffer;
  readonly bodyAt: number;
}

export function encodeRequest(parts: RequestParts): EncodedRequest {
  const body = Buffer.from(parts.body);
  const lines = [
    `${parts.method ?? 'POST'} ${parts.path} HTTP/1.1`,
    `Host: ${parts.host}`,
    `Content-Type: ${parts.contentType ?? 'application/json'}`,
    ...Object.entries(parts.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${body.length}`,
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return { bytes: Buffer.concat([head, body]), bodyAt: head.length };
}
