import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';

const PROTO = fileURLToPath(new URL('../../protos/open_inference.proto', import.meta.url));

interface Method {
  readonly requestSerialize: (value: object) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => object;
  readonly responseSerialize: (value: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

/** Another's codec, made from protos/open_inference.proto: what ours is held against. 64 bits come as text. */
export function oipMethod(name: string): Method {
  const service = loadSync(PROTO, { keepCase: true, longs: String, defaults: false })['inference.GRPCInferenceService'] as unknown as Record<string, Method>;
  const method = service[name];
  if (method === undefined) throw new RangeError(`there is no method ${name}`);
  return method;
}
