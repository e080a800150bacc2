import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { processTree } from '../operations/held.ts';

/** Those of this process, before it is given some of them. */
export const CORES = coresOf(readFileSync('/proc/self/status', 'latin1'));

/**
 * Gives a broker's containers half of the cores that there are, and the broker the others: what is held against the oracle is what
 * the broker decides, not who gets a core that three processes want. The generators that this process starts come `beside` whoever
 * leaves them room: containers that only sleep, or else the broker. Done with taskset(1); says false where there is one core only,
 * or no right to it, and nothing has changed.
 */
export function keepApart(brokerPid: number, beside: 'broker' | 'containers', cores: readonly number[] = CORES): boolean {
  const half = cores.length >> 1;
  if (half === 0) return false;
  const [serving, working] = [cores.slice(0, cores.length - half), cores.slice(cores.length - half)];
  const [broker = brokerPid, ...containers] = processTree(brokerPid);
  return pin(broker, serving) && pin(process.pid, beside === 'broker' ? serving : working) && containers.every((pid) => pin(pid, working));
}

/** The cores that a process may use, by its `/proc/PID/status`: `0-2,5` are four. */
export function coresOf(status: string): readonly number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/mu.exec(status)?.[1] ?? '';
  return list.split(',').filter(Boolean).flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

/** With all its threads, which hand it on to what they start. */
function pin(pid: number, cores: readonly number[]): boolean {
  return spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores.join(','), String(pid)], { stdio: 'ignore' }).status === 0;
}
