export interface OipAddress {
  readonly protocol: 'grpc' | 'http';
  readonly tls: boolean;
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** `https://host:port`: what TLS and HTTP clients are told. */
  readonly origin: string;
}

/** `grpc://host:port`, `grpcs://…`, `http://…`, `https://…`; a string says what is wrong. */
export function readOipAddress(text: string): OipAddress | string {
  const [, protocol, secure, host = '', digits] = /^(grpc|http)(s?):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (protocol === undefined || !(port >= 1 && port <= 65_535)) return `"${text}" is not grpc://host:port, grpcs://…, http://… or https://…`;
  const tls = secure === 's';
  return { protocol: protocol === 'grpc' ? 'grpc' : 'http', tls, host: host.replaceAll(/[[\]]/g, ''), port, origin: `http${tls ? 's' : ''}://${host}:${port}` };
}
