import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { SharedOffer } from '../../protos/wire.ts';

/**
 * Memory that the broker writes large batches to. It is read when a batch's turn has come, into a buffer that all batches
 * of a session share, one after another: one call of the kernel, which never waits for the broker.
 */
export class SharedMemory {
  readonly bytes: number;
  readonly #file: number;
  #buffer = Buffer.alloc(0);
  #open = true;

  private constructor(file: number, bytes: number) {
    this.#file = file;
    this.bytes = bytes;
  }

  /** Undefined where it cannot be opened, or is not what was offered: batches then come in their frames. */
  static open({ path, bytes, token }: SharedOffer): SharedMemory | undefined {
    let file: number | undefined;
    try {
      // In another namespace the path may be that of a pipe, which an open could wait for, or of a device.
      const found = statSync(path);
      if (!found.isFile() || found.size < bytes) return undefined;
      file = openSync(path, 'r');
      const said = Buffer.alloc(token.length);
      if (readSync(file, said, 0, said.length, 0) === said.length && said.toString('latin1') === token) return new SharedMemory(file, bytes);
      closeSync(file);
    } catch {
      if (file !== undefined) closeSync(file);
    }
    return undefined;
  }

  /** A copy of `bytes` bytes from `at` on, which the next call overwrites. */
  read(at: number, bytes: number): Buffer {
    // Slow: memory of its own, so that it begins aligned.
    if (this.#buffer.length < bytes) this.#buffer = Buffer.allocUnsafeSlow(bytes);
    readSync(this.#file, this.#buffer, 0, bytes, at);
    return this.#buffer.subarray(0, bytes);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#file);
  }
}
