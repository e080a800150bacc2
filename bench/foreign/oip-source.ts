import { encodeRequest } from '../load/http-request.ts';
import { random } from '../load/random.ts';
import type { RequestSource } from '../load/request-source.ts';

/** Requests of the Open Inference Protocol over HTTP, as a caller without a broker sends them: one row, JSON. */
export interface OipSourceOptions {
  readonly host: string;
  readonly path: string;
  readonly features: number;
  readonly seed: number;
}

const POOL = 64;

export function createSource(options: unknown): RequestSource {
  const { host, path, features, seed } = options as OipSourceOptions;
  const draw = random(seed);
  const pool = Array.from({ length: POOL }, () => {
    const data = Array.from({ length: features }, () => Number(draw().toFixed(7)));
    return encodeRequest({ host, path, body: JSON.stringify({ inputs: [{ name: 'x', shape: [1, features], datatype: 'FP32', data }] }) }).bytes;
  });
  return {
    next: (sequence) => pool[sequence % POOL] as Buffer,
    check: (_, status, body) => (status === 200 ? undefined : `status ${status}: ${body.toString('utf8', 0, 300)}`),
  };
}
