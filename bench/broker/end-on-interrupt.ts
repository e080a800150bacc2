import { constants } from 'node:os';

/** As a shell says it of a program that a signal ended. */
const SIGNALLED = 128;
/** What does not end by then is left to the system: a second signal would not wait at all. */
const LIMIT_MS = 20_000;
/** For the bench itself, whose calls fail by then, to clear away what it made. */
const CLEARING_MS = 250;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const running = new Set<() => Promise<unknown>>();
let isInterrupted = false;

/**
 * What a bench has started in processes of their own ends with it: where the bench is asked to end, `stop` is called, and
 * waited for. To be said as soon as there is something to stop; returns how to say that there is not any more.
 */
export function endOnInterrupt(stop: () => Promise<unknown>): () => void {
  if (running.size === 0) listen('on');
  running.add(stop);
  // The bench goes on while the rest ends.
  if (isInterrupted) void stop();
  return () => {
    if (running.delete(stop) && running.size === 0) listen('off');
  };
}

function interrupted(signal: NodeJS.Signals): void {
  isInterrupted = true;
  // The next one is as deadly as without us.
  listen('off');
  // What fails from now on fails because of us.
  process.on('uncaughtException', () => {});
  const end = (): void => process.exit(SIGNALLED + constants.signals[signal]);
  setTimeout(end, LIMIT_MS);
  void stopAll().then(() => setTimeout(end, CLEARING_MS));
}

async function stopAll(): Promise<void> {
  for (let left = [...running]; left.length > 0; left = [...running]) {
    for (const stop of left) running.delete(stop);
    await Promise.allSettled(left.map((stop) => stop()));
  }
}

function listen(how: 'on' | 'off'): void {
  if (isInterrupted && how === 'on') return;
  for (const signal of SIGNALS) process[how](signal, interrupted);
}
