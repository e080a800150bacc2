import process from 'node:process';

/** By convention 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** Cleans up before a signal ends the command; what it returns takes that back. */
export function onInterrupt(clean: () => void): () => void {
  const ends = Object.entries(EXIT_CODES).map(([signal, code]) => [signal, (): void => {
    clean();
    process.exit(code);
  }] as const);
  for (const [signal, end] of ends) process.once(signal, end);
  return () => {
    for (const [signal, end] of ends) process.off(signal, end);
  };
}
