import type { LoadPlan } from '../load/plan.ts';

/** One way to ask for a prediction that is measured, in a server that runs all the time. */
export interface Contender {
  readonly name: string;
  readonly title: string;
  /** The server's process, whose CPU is told. */
  readonly pid: number;
  readonly over: HttpLoad | GrpcLoad;
  /** Where the broker is asked of its batches; undefined for a server that has none. */
  readonly metricsUrl?: string;
  /** Rows of one request. */
  readonly rows: number;
  /** What is held against another contender of the same round, or for itself. */
  readonly bar?: { readonly against: string; readonly most: number } | { readonly microsPerRow: number };
}

export interface HttpLoad {
  readonly kind: 'http';
  readonly url: string;
  readonly source: LoadPlan['source'];
}

export interface GrpcLoad {
  readonly kind: 'grpc';
  /** `host:port` */
  readonly address: string;
  readonly path: string;
  /** Messages in base64, sent in turn. */
  readonly messages: readonly string[];
}

/** What contenders are made for. */
export interface Started {
  readonly url: string;
  readonly grpc: string;
  readonly pid: number;
  /** The app, its model, and the numbers that it takes. */
  readonly app: string;
  readonly model: string;
  readonly features: number;
  readonly seed: number;
}
