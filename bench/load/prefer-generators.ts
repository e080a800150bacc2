import { constants, getPriority, setPriority } from 'node:os';

let wasTold = false;

/**
 * Generators that are started from now on are favoured, where the system lets us: on two cores a server and its container would
 * else push the generator off its core for some milliseconds, and it refuses to report. By niceness, and not in real time: V8's
 * main thread asks again and again whether a helper is ready, and of real-time priority it lets none to its core meanwhile; such a
 * generator stood still for a second, and everybody else on that core with it. Returns how to undo it; where the system does not
 * let us, it says so once.
 */
export function preferGenerators(onProgress: (line: string) => void): () => void {
  const before = getPriority();
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch {
    if (!wasTold) onProgress('the system gives the generator no priority');
    wasTold = true;
    return () => undefined;
  }
  return () => setPriority(before);
}
