import { randomBytes } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, unlinkSync, writevSync, writeSync } from 'node:fs';
import type { SharedOffer } from '../../protos/wire.ts';

/** Where Linux keeps files in memory. */
const FOLDER = '/dev/shm';
const PAGE_BYTES = 4096;
/** The token has the first page; batches lie after it. */
const FIRST = PAGE_BYTES;
/** Of one replica, its batches under way together. Pages that were never written take no memory. */
export const SHARED_BYTES = 16 * 1024 * 1024;
/** A larger batch would keep the event loop for a millisecond while it is copied; the socket takes it in pieces. */
export const MAX_SHARED_BATCH_BYTES = 4 * 1024 * 1024;
/** More pieces than this the kernel does not take in one call (IOV_MAX). */
const MOST_PIECES = 1024;

interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * Memory that one replica shares with the broker: a file without a name, which nothing has to clean up after a crash. The
 * broker writes a batch where no other lies, and the container reads it until it is done; so the bytes are copied once on
 * this side, in one call, however little a socket's buffer holds. The idea is Triton's system shared memory, between
 * server and container in place of client and server.
 */
export class SharedMemory {
  readonly offer: SharedOffer;
  readonly #file: number;
  /** By where they begin. At most as many as batches are under way. */
  readonly #places: Place[] = [];
  #usable = true;
  #open = true;

  private constructor(file: number, token: string) {
    this.#file = file;
    this.offer = { path: `/proc/${process.pid}/fd/${file}`, bytes: FIRST + SHARED_BYTES, token };
  }

  /** Undefined where the system has no such files, or refuses one. */
  static create(): SharedMemory | undefined {
    const path = `${FOLDER}/tradewind-${randomBytes(12).toString('hex')}`;
    let file: number | undefined;
    try {
      file = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      const token = randomBytes(16).toString('hex');
      ftruncateSync(file, FIRST + SHARED_BYTES);
      writeSync(file, token, 0);
      return new SharedMemory(file, token);
    } catch {
      if (file !== undefined) closeSync(file);
      return undefined;
    }
  }

  /** Where `bytes` bytes can lie until they are given back; undefined where there is no room for them. */
  take(bytes: number): number | undefined {
    if (!this.#usable || bytes > MAX_SHARED_BATCH_BYTES) return undefined;
    const length = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
    let start = FIRST;
    let at = 0;
    // The first gap, so that the same pages are used again and again.
    for (; at < this.#places.length; at++) {
      const place = this.#places[at] as Place;
      if (place.start - start >= length) break;
      start = place.end;
    }
    if (start + length > this.offer.bytes) return undefined;
    this.#places.splice(at, 0, { start, end: start + length });
    return start;
  }

  give(start: number): void {
    const at = this.#places.findIndex((place) => place.start === start);
    if (at >= 0) this.#places.splice(at, 1);
  }

  /** Copies the pieces one behind another to `start`. False where the system has no memory for them: none is used from then on. */
  write(pieces: readonly Uint8Array[], start: number): boolean {
    if (!this.#open) return false;
    try {
      let at = start;
      for (let from = 0; from < pieces.length; from += MOST_PIECES) {
        const some = pieces.slice(from, from + MOST_PIECES);
        const bytes = some.reduce((sum, piece) => sum + piece.length, 0);
        if (writevSync(this.#file, some, at) !== bytes) return (this.#usable = false);
        at += bytes;
      }
      return true;
    } catch {
      return (this.#usable = false);
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = this.#usable = false;
    closeSync(this.#file);
  }
}
