import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../domain/clock.ts';
import type { Exchange, Reply } from './exchange.ts';

/** So much of an unread body is thrown away to keep a connection; past it the connection ends. */
const MAX_DISCARDED_BYTES = 256 * 1024;
/** How long a client that still sends is listened to after its last answer. */
const LINGER_MICROS = 1_000_000;

/**
 * Refuses a request whether or not its body has been read: what is left of a small one is thrown away and the connection goes
 * on; behind a large one, or one of unknown length, it ends, as it does where `last` is asked for.
 */
export function refuseUnread(exchange: Exchange, clock: Clock, reply: Reply): void {
  if (exchange.answered) return;
  if (exchange.whole || !isLargeOrUnknown(exchange.headers)) return exchange.answer(reply);
  const { socket } = exchange.connection;
  exchange.answerEarly({ ...reply, last: true }, () => socket.once('close', clock.wakeAt(clock.now() + LINGER_MICROS, () => socket.destroy())));
}

function isLargeOrUnknown(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > MAX_DISCARDED_BYTES;
}
