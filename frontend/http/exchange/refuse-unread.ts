import type { Socket } from 'node:net';
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
  if (exchange.whole || !(reply.last || exchange.bodyBytes > MAX_DISCARDED_BYTES)) return exchange.answer(reply);
  const { socket } = exchange.connection;
  // Our side ends, and the client's is read on until it ends too: closing both at once would reset the connection, and the
  // client might never see its answer.
  exchange.answerEarly({ ...reply, last: true }, () => linger(socket, clock));
}

/** Cuts a connection that has had its last answer, once the client has closed its side too or a second is over. */
export function linger(socket: Socket, clock: Clock): void {
  socket.once('close', clock.wakeAt(clock.now() + LINGER_MICROS, () => socket.destroy()));
}
