import { answerCoding, compressed } from './compression.ts';
import type { Exchange, Reply } from './exchange.ts';

/** A whole answer, without the headers that say how long it is and how it is coded. */
export type PlainReply = Omit<Reply, 'bodyBytes'>;

/** Gives an answer; compressed, and so a little later, where the client takes that and it is worth it. */
export function answerCompressed(exchange: Exchange, reply: PlainReply): void {
  const accepted = exchange.headers['accept-encoding'];
  const coding = typeof accepted === 'string' ? answerCoding(accepted) : undefined;
  if (coding === undefined) return give(exchange, reply);
  void compressed(reply.body, coding).then(
    (body) => give(exchange, body === undefined ? reply : { ...reply, body, headers: [...reply.headers, 'content-encoding', coding, 'vary', 'accept-encoding'] }),
    () => give(exchange, reply),
  );
}

function give(exchange: Exchange, { status, headers, body, last }: PlainReply): void {
  // A client may leave while its answer is compressed.
  if (exchange.answered) return;
  const bodyBytes = Buffer.byteLength(body);
  exchange.answer({ status, headers: ['content-length', String(bodyBytes), ...headers], body, bodyBytes, last });
}
