import { constants, getPriority, setPriority } from 'node:os';

/**
 * Generators that are started from now on go before everybody else, where the system lets us: on two cores a server and its
 * container would else push the generator off its core for some milliseconds, and it refuses to report. Says how to undo it.
 */
export function preferGenerators(onProgress: (line: string) => void): () => void {
  const before = getPriority();
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    onProgress('the system gives the generator no priority');
    return () => undefined;
  }
  return () => setPriority(before);
}
