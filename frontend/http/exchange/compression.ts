import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate, deflate, gzip } from 'node:zlib';

/** Content codings that are spoken, both ways. */
export type Coding = 'gzip' | 'deflate';

/** Smaller bodies gain nothing. */
const LEAST_BYTES = 1024;
const FAST = { level: 1 };

/** What a `Content-Encoding` header says: `identity` where there is none; undefined where it is not spoken here. */
export function bodyCoding(header: string | undefined): Coding | 'identity' | undefined {
  switch (header?.trim().toLowerCase()) {
    case undefined: case 'identity': case '': return 'identity';
    case 'gzip': case 'x-gzip': return 'gzip';
    case 'deflate': return 'deflate';
    default: return undefined;
  }
}

/**
 * A body inflated as it comes, in pieces of at most 16 KiB: whoever reads them counts, and destroys the stream where there are
 * too many, so that a small body never becomes much memory. It fails with `error` where the bytes are not of the coding.
 */
export function inflated(request: IncomingMessage, coding: Coding): Readable {
  return request.pipe(coding === 'gzip' ? createGunzip() : createInflate());
}

/**
 * The same for whoever counts, but leaves the stream as it is: behind the piece with which there are more than `maxBytes`, which
 * is still given, nothing is inflated, and what still comes of the request is thrown away.
 */
export function inflatedUpTo(request: IncomingMessage, coding: Coding, maxBytes: number): Readable {
  const body = inflated(request, coding);
  let bytes = 0;
  body.on('data', (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > maxBytes) stopInflating(request, body);
  });
  return body;
}

/** Nothing more is inflated, and what still comes of the request is thrown away. */
export function stopInflating(request: IncomingMessage, body: Readable): void {
  request.unpipe();
  body.destroy();
  request.resume();
}

/** The coding in which an answer goes out to a client that accepts these; undefined: as it is. */
export function answerCoding(accept: string | undefined): Coding | undefined {
  if (accept === undefined) return undefined;
  const weights = new Map(accept.split(',').map((item): [string, number] => {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const q = parameters.find((parameter) => parameter.startsWith('q='));
    return [name, q === undefined ? 1 : Number(q.slice(2))];
  }));
  return (['gzip', 'deflate'] as const).find((coding) => (weights.get(coding) ?? weights.get('*') ?? 0) > 0);
}

/** Compresses a body off the event loop, where it is large enough to gain by it; else gives undefined. */
export async function compressed(body: string | Buffer, coding: Coding): Promise<Buffer | undefined> {
  if (body.length < LEAST_BYTES) return undefined;
  return new Promise((resolve, reject) => {
    (coding === 'gzip' ? gzip : deflate)(body, FAST, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}
