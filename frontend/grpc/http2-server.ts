import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { Server, ServerDuplexStream } from '@grpc/grpc-js';

/** Who has a stream: the library gets those that are refused. */
export type TakeStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => boolean;

/** What the library keeps to itself. */
interface Inside {
  readonly http2Servers?: ReadonlyMap<Http2Server, unknown>;
  /** Counts the stream for what becomes of connections without any. */
  readonly onStreamOpened?: (stream: ServerHttp2Stream) => void;
}

/**
 * Offers the streams of a gRPC server that takes its connections by injection to `take` first. What becomes of connections stays
 * the library's: it is told of every stream. The library (pinned to the digit) keeps the one HTTP/2 server below it to itself;
 * where a version keeps it elsewhere, this throws at the start.
 */
export function takeStreams(server: Server, take: TakeStream): void {
  const inside = server as unknown as Inside;
  const [found, ...others] = inside.http2Servers?.keys() ?? [];
  const [theirs, ...more] = found?.listeners('stream') ?? [];
  const { onStreamOpened } = inside;
  if (found === undefined || theirs === undefined || others.length + more.length > 0 || onStreamOpened === undefined) {
    throw new Error('the gRPC library does not keep its HTTP/2 server where it was');
  }
  found.removeAllListeners('stream');
  found.on('stream', (stream, headers) => {
    stream.on('error', ignore);
    // Its caller took it back in the same breath: there is nobody to answer, and to try throws.
    if (stream.closed || stream.destroyed) return;
    if (take(stream, headers)) onStreamOpened.call(server, stream);
    else theirs.call(found, stream, headers);
  });
}

/** What the library keeps to itself of a call: the stream below it, and the calls between where there are interceptors. */
interface Layer {
  readonly stream?: ServerHttp2Stream;
  readonly nextCall?: Layer;
}

/** The HTTP/2 stream that such a call of the library goes over. */
export function streamBelow(call: ServerDuplexStream<Buffer, Buffer>): ServerHttp2Stream {
  let layer = (call as unknown as { readonly call?: Layer }).call;
  while (layer?.nextCall !== undefined) layer = layer.nextCall;
  if (layer?.stream === undefined) throw new Error('the gRPC library does not keep the stream of a call where it was');
  return layer.stream;
}

function ignore(): void {
  // What becomes of an error is that the stream closes.
}
