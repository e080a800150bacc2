import { encodeRequest } from '../load/http-request.ts';
import type { RequestSource } from '../load/request-source.ts';

/** Bodies that are sent in turn, as they are. */
export interface BodyOptions {
  readonly host: string;
  readonly path: string;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
  /** In base64. */
  readonly bodies: readonly string[];
}

export function createSource(options: unknown): RequestSource {
  const { bodies, ...parts } = options as BodyOptions;
  const requests = bodies.map((body) => encodeRequest({ ...parts, body: Buffer.from(body, 'base64') }).bytes);
  return {
    next: (sequence) => requests[sequence % requests.length] as Buffer,
    check: (_, status, body) => (status === 200 ? undefined : `status ${status}: ${body.toString('utf8', 0, 300)}`),
  };
}
