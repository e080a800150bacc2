/** A process of its own on a core of its own: asks to sleep for a millisecond, again and again, and adds up by how much more it slept. */
const ASKED_MS = 1;
/** A timer of Node's is good to a millisecond; shorter pauses than this are left out. */
const LEAST_MS = 2;

let pausedMs = 0;
let last = performance.now();

setInterval(() => {
  const now = performance.now();
  const over = now - last - ASKED_MS;
  if (over >= LEAST_MS) pausedMs += over;
  last = now;
}, ASKED_MS);

process.on('message', () => process.send?.(pausedMs));
process.once('disconnect', () => process.exit(0));
