import { setImmediate as turn } from 'node:timers/promises';

/** Far more than it takes on a busy machine. */
const GIVE_UP_MS = 60_000;

/** Lets the event loop turn until it is so, for what tells nobody when it happens. Rejects with the condition where that does not come. */
export async function turnsUntil(isSo: () => boolean): Promise<void> {
  const began = performance.now();
  while (!isSo()) {
    if (performance.now() - began > GIVE_UP_MS) throw new Error(`in ${GIVE_UP_MS / 1000} s it did not come: ${String(isSo)}`);
    await turn();
  }
}
