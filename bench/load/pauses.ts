import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL(`./pause-meter${extname(import.meta.url)}`, import.meta.url));
/** Before everybody, the generator too: whoever keeps this one from waking is not a process of ours. */
const PRIORITY = 2;
/**
 * V8's main thread asks again and again whether a helper is ready, and one of real-time priority lets none to its core meanwhile.
 * Without helpers it compiles by itself, 9 ms in which nobody else has the core: the little that it does needs none of that.
 */
const WITHOUT_HELPERS = ['--single-threaded', '--no-opt', '--no-maglev'];

/**
 * How long each core stood still, whoever was on it: a sleeper of real-time priority on each of them sees how much later it wakes
 * than it asked (the idea is jHiccup's, github.com/giltene/jHiccup). A hypervisor that takes a core for 20 ms makes answers late
 * that no scheduler could have saved, and hardly shows as a share of the time.
 */
export class Pauses {
  readonly #meters: readonly ChildProcess[];

  private constructor(meters: readonly ChildProcess[]) {
    this.#meters = meters;
  }

  /** Undefined where there is no chrt(1) or taskset(1), or no right to them. */
  static async watch(cores: readonly number[]): Promise<Pauses | undefined> {
    const meters = cores.map((core) => spawn('chrt', ['--fifo', String(PRIORITY), 'taskset', '--cpu-list', String(core), process.execPath, ...WITHOUT_HELPERS, PROGRAM], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }));
    const pauses = new Pauses(meters);
    try {
      await Promise.all(meters.map((meter) => asked(meter)));
      return pauses;
    } catch {
      pauses.end();
      return undefined;
    }
  }

  /** Of each core since the watch began, in milliseconds: the pauses of 2 ms and more together. */
  read(): Promise<readonly number[]> {
    return Promise.all(this.#meters.map(asked));
  }

  end(): void {
    for (const meter of this.#meters) meter.kill();
  }
}

/** The longest time that a core stood still between two readings, in milliseconds. */
export function mostPausedMs(before: readonly number[], after: readonly number[]): number {
  return Math.max(0, ...after.map((ms, core) => ms - (before[core] ?? 0)));
}

/** Rejects where it does not run, or ends meanwhile. */
async function asked(meter: ChildProcess): Promise<number> {
  const gone = new AbortController();
  try {
    const answer = once(meter, 'message', { signal: gone.signal });
    const ended = once(meter, 'exit', { signal: gone.signal }).then(() => { throw new Error('the pause meter has ended'); });
    meter.send('read', () => undefined);
    const [ms] = (await Promise.race([answer, ended])) as [number];
    return ms;
  } finally {
    gone.abort();
  }
}
