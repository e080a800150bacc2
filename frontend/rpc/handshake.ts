import type { Socket } from 'node:net';
import { parseHello } from '../../protos/parse-headers.ts';
import type { Frame, Hello } from '../../protos/wire.ts';
import { FRAME, WireError } from '../../protos/wire.ts';
import type { Clock } from '../domain/clock.ts';
import { Connection } from './connection.ts';

export interface HandshakeOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * Waits for the hello on a new connection, for a limited time. `hello` takes the connection over or closes it;
 * `failed` is told where none came.
 */
export function awaitHello(socket: Socket, options: HandshakeOptions, then: {
  hello(connection: Connection, hello: Hello): void;
  failed(why: string): void;
}): Connection {
  let said = false;
  const connection = new Connection(socket, {
    frame: (frame: Frame) => {
      if (said) return;
      if (frame.kind !== FRAME.hello) throw new WireError(`a frame of kind ${frame.kind} before the hello`);
      const hello = parseHello(frame.header);
      said = true;
      stop();
      then.hello(connection, hello);
    },
    ended: (why) => {
      stop();
      if (!said) then.failed(why);
    },
  });
  const stop = options.clock.wakeAt(options.clock.now() + options.timeoutMs * 1000, () => {
    connection.close({ code: 'handshake_timeout', message: `no hello within ${options.timeoutMs} ms` });
  });
  return connection;
}
