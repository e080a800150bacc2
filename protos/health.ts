import { ProtoReader } from './protobuf.ts';

/** The states of `grpc.health.v1`. */
export type Serving = 'serving' | 'not_serving' | 'service_unknown';
const NUMBER: Readonly<Record<Serving, number>> = Object.freeze({ serving: 1, not_serving: 2, service_unknown: 3 });

/** The name of the service in a `HealthCheckRequest`. Throws `WireError` where it is none. */
export function readHealthRequest(message: Buffer): string {
  const reader = new ProtoReader(message);
  let service = '';
  while (reader.next()) {
    if (reader.field === 1) service = reader.text();
    else reader.skip();
  }
  return service;
}

/** A `HealthCheckResponse`. */
export function writeHealthResponse(serving: Serving): Buffer {
  return Buffer.from([0x08, NUMBER[serving]]);
}
