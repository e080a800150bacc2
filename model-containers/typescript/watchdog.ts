import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Hello } from '../../protos/wire.ts';
import type { Address } from './address.ts';
import type { WatchdogOrder, WatchdogReport, WatchdogStart } from './watchdog-message.ts';

/** As early as it can be known: a parent that is gone by then is noticed by its token missing, or by no broker being there. */
const PARENT_PID = process.ppid;

/**
 * The thread beside the model: native predict calls block the main thread, so heartbeats, and the end of a process whose
 * broker is gone, come from here. It lives from the start of the process, so that an owned container which is still
 * loading its model ends with its broker too.
 */
export class Watchdog {
  readonly #thread: Worker;
  readonly #leaving = new SharedArrayBuffer(4);

  constructor(owned: boolean) {
    const start: WatchdogStart = { owned, parentPid: PARENT_PID, leaving: this.#leaving };
    // The extension of this file: .ts in the checkout, .js where it was compiled.
    this.#thread = new Worker(new URL(`./watchdog-thread${extname(import.meta.url)}`, import.meta.url), { workerData: start, resourceLimits: { maxOldGenerationSizeMb: 32 } });
    this.#thread.unref();
  }

  watch(address: Address, hello: Hello): void {
    this.#order({ kind: 'watch', address, hello });
  }

  forget(address: Address): void {
    this.#order({ kind: 'forget', address });
  }

  /** Resolves with where it listens (port 0 filled in). */
  listen(address: Address, hello: Hello): Promise<Address> {
    this.#order({ kind: 'listen', address, hello });
    return new Promise((resolve, reject) => {
      this.#thread.once('message', (report: WatchdogReport) => resolve(report.listening));
      this.#thread.once('error', reject);
    });
  }

  /** From now on the process ends by its own doing: connections that close are expected. */
  leave(): void {
    Atomics.store(new Int32Array(this.#leaving), 0, 1);
  }

  #order(order: WatchdogOrder): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of this process, not a window
    this.#thread.postMessage(order);
  }
}
