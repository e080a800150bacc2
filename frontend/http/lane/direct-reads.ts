import type { Readable } from 'node:stream';

/**
 * Hands what `stream` reads to `take` as it comes, as its 'data' event would. Behind each event the stream looks whether it
 * should read more, a tick later: a fortieth of what a small request costs. So `push`, by which a Readable is given what was
 * read, hands it over itself while the stream flows and holds nothing; what is pushed at any other time is the stream's, and
 * comes by the event. Returns what ends it: from then on the stream is as it was.
 */
export function takeReads(stream: Readable, take: (chunk: Buffer) => void): () => void {
  const push = stream.push.bind(stream);
  stream.on('data', take);
  stream.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    if (chunk === null || stream.readableFlowing !== true || stream.readableLength > 0) return push(chunk, encoding);
    take(chunk);
    return true;
  };
  return () => {
    stream.off('data', take);
    // The prototype's again.
    Reflect.deleteProperty(stream, 'push');
  };
}
