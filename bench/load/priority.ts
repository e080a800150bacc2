import { spawnSync } from 'node:child_process';

/**
 * Who goes before whom in a bench: real-time priorities (sched(7), SCHED_FIFO), with which a wake waits for nobody else's threads,
 * those of the kernel among them. The meters see who keeps even a generator from its core, and a generator keeps its schedule
 * whatever those do that it measures. Between two of them is room for helpers.
 */
export const PRIORITY = Object.freeze({ meter: 5, generator: 3, measured: 1, none: 0 });

/**
 * For a process that is to be of real-time priority from its start: V8's main thread asks again and again whether a helper is
 * ready, and lets none to its core that does not come before it. Such a process stands still, and keeps everybody from that core.
 */
export const WITHOUT_HELPERS = '--single-threaded';

/**
 * Of a process's main thread, which hands it on to what it starts; false where there is no chrt(1), or no right to it. With
 * `helpers`, its other threads come before that. Not for who waits for children: the kernel may wait for ever in wait4(2) for a
 * lock whose holder the waiter keeps from its core (seen in `shrink_dcache_parent`, Linux 6.18).
 */
export function setRealTime(pid: number, priority: number, { helpers = false } = {}): boolean {
  if (helpers && !chrt(pid, priority + 1, ['--all-tasks'])) return false;
  return chrt(pid, priority, []);
}

function chrt(pid: number, priority: number, options: readonly string[]): boolean {
  return spawnSync('chrt', [priority === PRIORITY.none ? '--other' : '--fifo', ...options, '--pid', String(priority), String(pid)], { stdio: 'ignore' }).status === 0;
}
