import type { Socket } from 'node:net';
import type { Clock } from '../../domain/clock.ts';
import { linger } from './refuse-unread.ts';

/**
 * Ends a connection behind its last answer, in place of `destroySoon`, which closes both sides once that is written: what a client
 * that pipelines has sent by then, or still sends, would reset the connection, and with it what has not reached the client of the
 * answer. So our side ends alone, and what comes is thrown away until the client ends its side too, or for a second at most.
 */
export function part(socket: Socket, clock: Clock): void {
  if (socket.destroyed) return;
  // Nobody's requests are these: no reader is to begin them.
  socket.removeAllListeners('data');
  socket.on('data', ignore);
  if (socket.writableFinished) linger(socket, clock);
  else socket.once('finish', () => linger(socket, clock));
  socket.end();
  socket.resume();
}

function ignore(): void {}
