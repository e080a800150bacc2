import type { Clock } from '../../domain/clock.ts';
import { CallError } from './server.ts';

/** A promise with a limit. */
export interface Limited<T> {
  /** The same as without a limit, or a `CallError` with the code `timeout`. */
  readonly result: Promise<T>;
  /** Nobody waits any more: takes the limit away. */
  readonly stop: () => void;
}

/** The promise, for at most `ms` milliseconds. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>): Limited<T> {
  let stop = (): void => {};
  const result = new Promise<T>((resolve, reject) => {
    stop = clock.wakeAt(clock.now() + ms * 1000, () => {
      reject(new CallError({ kind: 'gone', code: 'timeout', message: `no answer within ${ms} ms` }));
    });
    promise.then(resolve, reject).finally(stop);
  });
  return { result, stop };
}
