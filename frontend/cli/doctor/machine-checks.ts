import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import type { CpuTicks } from '../../runtime/stolen-time.ts';
import { bytesText } from '../terminal/quantities.ts';
import { bad, doubtful, good, type Finding } from './finding.ts';

const LEAST_NODE: readonly [number, number] = [22, 18];
/** Sockets of containers, files of the state, and room. */
const SPARE_FILES = 512;
/** Of all cores' time: less is hardly felt. */
const MOST_STOLEN = 0.05;
/** Before it was written, no clock can have stood right. */
const FIRST_YEAR = 2025;

/** `v24.1.0` is new enough to run TypeScript as it is. */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/u, '').split('.').map(Number);
  const fits = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  return fits ? good('node', version) : bad('node', `${version} is too old: ${LEAST_NODE.join('.')} or newer is needed; \`npm ci\` brings one with it.`);
}

/** The soft limit of open files against the connections that config allows. */
export function openFilesFinding(limitsText: string, connections: number): Finding {
  const soft = /^Max open files +(\d+|unlimited)/mu.exec(limitsText)?.[1];
  if (soft === undefined) return doubtful('open files', 'the limit cannot be read');
  const needed = connections + SPARE_FILES;
  if (soft === 'unlimited' || Number(soft) >= needed) return good('open files', `${soft} may be open`);
  return doubtful('open files', `only ${soft} may be open, and limits.connections allows ${connections} connections: raise it (\`ulimit -n ${needed}\`), or lower limits.connections.`);
}

/** What the hypervisor has given to others since the machine began. */
export function stolenFinding({ all, stolen }: CpuTicks): Finding {
  const share = all > 0 ? stolen / all : 0;
  const says = `${(share * 100).toFixed(1)} % of the cores' time went to others on the same hardware`;
  return share < MOST_STOLEN ? good('cores', says) : doubtful('cores', `${says} since this machine began: answers come late for it, whatever the models do.`);
}

/** `newestMs`: when the youngest file of the state was written; 0 where there is none. */
export function clockFinding(nowMs: number, newestMs: number): Finding {
  const now = new Date(nowMs);
  if (now.getUTCFullYear() < FIRST_YEAR) return bad('clock', `it says ${now.toISOString()}: set it; decision ids and reward windows carry the time.`);
  const aheadMs = newestMs - nowMs;
  return aheadMs > 60_000 ? bad('clock', `it is ${Math.round(aheadMs / 1000)} s behind the files of the state: it was set back; decisions taken before count as coming from the future until it has caught up.`) : good('clock', now.toISOString());
}

export function memoryFinding(cacheMaxBytes: number, [total, free]: readonly [number, number] = [totalmem(), freemem()]): Finding {
  if (cacheMaxBytes > total / 2) return doubtful('memory', `cache.max_bytes is ${bytesText(cacheMaxBytes)} of ${bytesText(total)} in all: models need memory too.`);
  return good('memory', `${bytesText(free)} of ${bytesText(total)} free`);
}

/** Whether a program is there; `why` says what it is needed for. */
export async function programFinding(check: string, [program, ...args]: readonly [string, ...string[]], { why, needed }: { why: string; needed: boolean }): Promise<Finding> {
  const failure = await run(program, args);
  if (failure === undefined) return good(check, `${program} is there`);
  return (needed ? bad : doubtful)(check, `${program} ${failure}: ${why}`);
}

/** The interpreter of a Python container, and what its kit needs. */
export async function pythonFinding(interpreter: string): Promise<Finding> {
  const check = `python (${interpreter})`;
  const failure = await run(interpreter, ['-c', 'import numpy, msgpack']);
  return failure === undefined ? good(check, 'numpy and msgpack are there') : bad(check, `${failure}: its kit needs numpy and msgpack (\`${interpreter} -m pip install numpy msgpack\`).`);
}

export function limitsText(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}

const LIMIT_MS = 20_000;

/** What went wrong, in words; undefined where nothing did. */
function run(program: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: LIMIT_MS }, (error, _out, err) => {
      if (error === null) resolve(undefined);
      else if (error.code === 'ENOENT') resolve('is not there');
      else resolve(err.trim().split('\n').at(-1)?.slice(0, 200) ?? error.message);
    });
  });
}
