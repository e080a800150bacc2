import { connect, type Server, createServer, type Socket } from 'node:net';
import type { Frame } from '../../protos/wire.ts';
import { FrameReader, WireError } from '../../protos/wire.ts';
import type { Address } from './address.ts';
import { socketOptions } from './address.ts';
import { ReadBuffers } from './read-buffers.ts';
import { SendBuffers } from './send-buffers.ts';
import { removeStaleSocket } from './stale-socket.ts';

/** A connection that carries frames. */
export interface Link {
  /** Buffers for `send`. */
  readonly buffers: SendBuffers;
  /** Writes `bytes`; `sent` is called once they are no longer needed. */
  send(bytes: Buffer, sent?: () => void): void;
  /** Inside `frame` only: its memory stays as it is until the returned function is called. */
  keep(): () => void;
  /** Writes what was sent, then closes. */
  end(): void;
}

/** What a link tells; all but `opened` may come at any time after it. */
export interface LinkEvents {
  opened(link: Link): void;
  frame(frame: Frame): void;
  /** Its bytes are no frames, or `frame` threw a WireError. The link reads nothing more; `closed` follows once `end` was called. */
  malformed(error: WireError): void;
  /** Over, for whatever reason; the last event, and one that always comes. */
  closed(why: string): void;
}

/** Connects to `address`; reads into reused buffers, and what is left of a large frame to where it belongs. */
export function dial(address: Address, events: LinkEvents): void {
  const memory = new ReadBuffers();
  const feed = makeFeed(events);
  let room: Buffer | undefined;
  const socket = connect({
    ...socketOptions(address),
    noDelay: true,
    onread: {
      buffer: () => (room = feed.room()) ?? memory.next(),
      callback: (bytes, buffer) => (buffer === room ? feed.took(bytes) : feed.push((buffer as Buffer).subarray(0, bytes))),
    },
  });
  attach(socket, feed, events, () => memory.hold());
  socket.once('connect', () => events.opened(feed.link));
}

/** Accepts up to `maxLinks` connections, each with events of its own. A socket that nobody listens on any more is replaced. */
export async function listen(address: Address, maxLinks: number, accept: () => LinkEvents): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    const events = accept();
    const feed = makeFeed(events);
    // `onread` exists only for the side that connects; each chunk here is memory of its own, which nobody reuses.
    socket.on('data', (chunk: Buffer) => feed.push(chunk));
    attach(socket, feed, events, () => () => {});
    events.opened(feed.link);
  });
  server.maxConnections = maxLinks;
  await removeStaleSocket(address);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketOptions(address), () => resolve(server));
  });
}

interface Feed {
  readonly reader: FrameReader;
  link: Link;
  push(chunk: Buffer): boolean;
  /** As the reader's; none where it is of no more use. */
  room(): Buffer | undefined;
  took(bytes: number): boolean;
}

function makeFeed(events: LinkEvents): Feed {
  let broken = false;
  const reader = new FrameReader((frame) => {
    if (!broken) events.frame(frame);
  });
  const reading = (read: () => void): boolean => {
    if (broken) return true;
    try {
      read();
    } catch (error) {
      broken = true;
      if (!(error instanceof WireError)) throw error;
      events.malformed(error);
    }
    return true;
  };
  return {
    reader,
    link: UNATTACHED,
    push: (chunk) => reading(() => reader.push(chunk)),
    room: () => (broken ? undefined : reader.room()),
    took: (bytes) => reading(() => reader.took(bytes)),
  };
}

const UNATTACHED: Link = Object.freeze({
  buffers: new SendBuffers(),
  send: unattached,
  keep: unattached,
  end: unattached,
});

function unattached(): never {
  throw new Error('the link has no socket yet');
}

function attach(socket: Socket, feed: Feed, events: LinkEvents, holdChunk: () => () => void): void {
  let why = 'the other side closed the connection';
  socket.on('error', (error) => {
    why = error.message;
  });
  socket.on('close', () => events.closed(why));
  feed.link = {
    buffers: new SendBuffers(),
    send: (bytes, sent) => {
      if (socket.writable) socket.write(bytes, sent);
      else sent?.();
    },
    keep: () => (feed.reader.keep() ? holdChunk() : () => {}),
    end: () => {
      socket.end();
      // A peer that neither reads nor closes must not hold this side open.
      setTimeout(() => socket.destroy(), CLOSE_MS).unref();
    },
  };
}

const CLOSE_MS = 1000;
