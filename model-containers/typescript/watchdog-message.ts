import type { Hello } from '../../protos/wire.ts';
import type { Address } from './address.ts';

/** What the watchdog thread starts with. */
export interface WatchdogStart {
  /** The process ends, by SIGKILL to itself, when its parent or its broker is gone. */
  readonly owned: boolean;
  readonly parentPid: number;
  /** One Int32, not 0 once the container is ending by itself: the end of a connection is then no reason to kill. */
  readonly leaving: SharedArrayBuffer;
}

/** From the main thread. */
export type WatchdogOrder =
  /** The broker at this address has welcomed the worker: dial it. */
  | { readonly kind: 'watch'; readonly address: Address; readonly hello: Hello }
  /** The worker's connection to it is over. */
  | { readonly kind: 'forget'; readonly address: Address }
  | { readonly kind: 'listen'; readonly address: Address; readonly hello: Hello };

/** From the thread: it listens here. */
export interface WatchdogReport {
  readonly listening: Address;
}
