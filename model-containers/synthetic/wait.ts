/** How much earlier than asked the sleep ends: what the system's timers are late by, and what is then spun away. */
const SPIN_MS = 0.08;

const cell = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread until `performance.now()` reaches `untilMs`, to some microseconds (a timer of Node is off by a millisecond). */
export function waitUntil(untilMs: number): void {
  const sleepMs = untilMs - performance.now() - SPIN_MS;
  if (sleepMs > 0) Atomics.wait(cell, 0, 0, sleepMs);
  while (performance.now() < untilMs) { /* spins */ }
}

/** Blocks the thread for good. */
export function waitForever(): never {
  for (;;) Atomics.wait(cell, 0, 0);
}
