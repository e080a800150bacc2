import type { StreamCall } from './stream-call.ts';
import type { UnaryCall } from './unary-call.ts';

/** One gRPC service as the server takes it. Messages are bytes both ways: each service has its own codec. */
export interface GrpcService {
  /** With its package: `inference.GRPCInferenceService`. */
  readonly name: string;
  readonly methods: Readonly<Record<string, GrpcMethod>>;
  /** The file that publishes it, below protos/: what reflection tells. */
  readonly proto: string;
}

export type GrpcMethod =
  | { readonly kind: 'unary'; readonly handle: (call: UnaryCall) => void }
  /** Messages go both ways for as long as the caller likes. */
  | { readonly kind: 'stream'; readonly handle: (call: StreamCall) => void };
