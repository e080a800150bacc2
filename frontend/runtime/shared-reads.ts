import { Socket, type OnReadOpts, type SocketConstructorOpts } from 'node:net';

/** As much as Node reads at once. */
const READ_BYTES = 64 * 1024;
/** What every read of every one of these sockets goes to. */
const memory = Buffer.allocUnsafeSlow(READ_BYTES);

/** What node:net knows of a socket and its types do not show: by what it reads and writes, and the server that counts it. */
const HANDLE = '_handle';
const SERVER = '_server';
interface Accepted {
  [HANDLE]: { readonly useUserBuffer?: unknown } | null;
  [SERVER]: object | null;
  server: object | null;
}

class SharedReadSocket extends Socket {
  shares = true;
}

/**
 * Makes of a socket that a server has just accepted one that reads into shared memory: what its `data` event gives is there until the
 * listener returns, and then the next read's, of whatever socket. Node takes 64 KB anew for each read, gives most of it back and leaves
 * the rest to the garbage collector; it can read into one buffer (`onread`), but only on sockets that a caller makes himself. So the
 * handle is taken out of the accepted one, which is nobody's then, and another socket is made around it. A Node that keeps sockets in
 * another way gets its own back, which reads as ever.
 */
export function sharedReads(accepted: Socket): Socket {
  const inner = accepted as unknown as Accepted;
  const handle = inner[HANDLE];
  if (typeof handle?.useUserBuffer !== 'function') return accepted;
  const onread: OnReadOpts = {
    buffer: memory,
    callback: (bytes) => {
      const piece = memory.subarray(0, bytes);
      // What the stream holds, it holds longer.
      if (!moved.shares || moved.readableFlowing !== true || moved.readableLength > 0) return moved.push(Buffer.from(piece));
      moved.emit('data', piece);
      return true;
    },
  };
  const { allowHalfOpen, readableHighWaterMark, writableHighWaterMark } = accepted;
  // As servers of node:net make their sockets; what their `handle` is, is not in its documentation.
  const options = { handle, allowHalfOpen, readable: true, writable: true, readableHighWaterMark, writableHighWaterMark, onread };
  const moved = new SharedReadSocket(options as unknown as SocketConstructorOpts);
  const own = moved as unknown as Accepted;
  if (own[HANDLE] !== handle) return accepted;
  own.server = inner.server;
  own[SERVER] = inner[SERVER];
  inner[HANDLE] = null;
  inner[SERVER] = null;
  return moved;
}

/** From now on what the socket's `data` event gives is the listener's for good, as with any other socket. */
export function ownReads(socket: Socket): void {
  if (socket instanceof SharedReadSocket) socket.shares = false;
}
