import { constants, getPriority, setPriority } from 'node:os';
import { PRIORITY, setRealTime } from './priority.ts';

let wasTold = false;

/**
 * Generators that are started from now on go before everybody else, where the system lets us: on two cores a server and its
 * container would else push the generator off its core for some milliseconds, and it refuses to report. Real-time priority keeps
 * a wake within a millisecond; niceness counts only among the processes of one session where the kernel groups them by sessions
 * (sched(7), "The autogroup feature"). Returns how to undo it;
 * where the system does not let us, it says so once.
 */
export function preferGenerators(onProgress: (line: string) => void): () => void {
  if (setRealTime(process.pid, PRIORITY.generator)) return () => void setRealTime(process.pid, PRIORITY.none);
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
