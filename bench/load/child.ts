import { generate } from './generate.ts';
import type { LoadPlan } from './plan.ts';
import type { FromChild } from './run-load.ts';

/** The generator's own process: takes one plan from its parent, drives it, says what came of it, and ends. */
function say(message: FromChild): void {
  process.send?.(message);
}

/** Resolves once it is with the system: a channel that is closed before drops what it has not written. */
function sayLast(message: FromChild): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

process.once('disconnect', () => process.exit(1));
process.once('message', (plan) => {
  generate(plan as LoadPlan, (progress) => say({ kind: 'progress', progress }))
    .then((report) => sayLast({ kind: 'report', report }))
    .catch((error: unknown) => {
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return sayLast({ kind: 'failed', name, message });
    })
    .finally(() => {
      process.removeAllListeners('disconnect');
      process.disconnect();
    });
});
