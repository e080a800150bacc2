import type { Http2Server } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/**
 * The one HTTP/2 server below a gRPC server that takes its connections by injection. The library (pinned to the digit) keeps it
 * to itself, and offers no other way to see the bytes of a message before it is whole; where a version keeps it elsewhere, this
 * throws at the start.
 */
export function http2ServerOf(server: Server): Http2Server {
  const { http2Servers } = server as unknown as { readonly http2Servers?: ReadonlyMap<Http2Server, unknown> };
  const [found, ...others] = http2Servers?.keys() ?? [];
  if (found === undefined || others.length > 0) throw new Error('the gRPC library does not keep its HTTP/2 server where it was');
  return found;
}
