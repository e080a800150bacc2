import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endOnInterrupt } from '../broker/end-on-interrupt.ts';
import type { Contender } from './contender.ts';
import { processTree } from './process-tree.ts';

/** Frameworks whose server is a program in Python that somebody writes: ours are in bench/foreign/models, as their guides have it. */
export const PROGRAM_KINDS = ['kserve', 'litserve', 'bentoml', 'ray'] as const;
export type ProgramKind = (typeof PROGRAM_KINDS)[number];

interface Program extends Pick<Contender, 'body' | 'label'> {
  /** Below the folder of its virtual environment. */
  readonly command: (port: number) => readonly [string, ...string[]];
  readonly health: string;
  readonly path: string;
}

const here = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PORT = 18_437;
const LOOK_MS = 100;
const START_LIMIT_MS = 90_000;

const PROGRAMS: Readonly<Record<ProgramKind, Program>> = Object.freeze({
  kserve: {
    command: (port) => ['bin/python', here('bench/foreign/models/kserve/digits.py'), String(port)], health: '/v2/health/ready', path: '/v1/models/digits:predict',
    body: (row) => JSON.stringify({ instances: [row] }), label: (answer) => (answer as { predictions: unknown[] }).predictions[0],
  },
  litserve: {
    command: (port) => ['bin/python', here('bench/foreign/models/litserve/digits.py'), String(port)], health: '/health', path: '/predict',
    body: (row) => JSON.stringify({ input: row }), label: (answer) => (answer as { output: unknown }).output,
  },
  bentoml: {
    command: (port) => ['bin/bentoml', 'serve', 'digits:Digits', '--working-dir', here('bench/foreign/models/bentoml'), '--host', '127.0.0.1', '--port', String(port)],
    health: '/readyz', path: '/predict', body: (row) => JSON.stringify({ x: [row] }), label: (answer) => (answer as unknown[])[0],
  },
  ray: {
    command: (port) => ['bin/python', here('bench/foreign/models/ray/digits.py'), String(port)], health: '/-/healthz', path: '/predict',
    body: (row) => JSON.stringify({ input: row }), label: (answer) => (answer as { output: unknown }).output,
  },
});

export function isProgramKind(name: string): name is ProgramKind {
  return PROGRAM_KINDS.some((kind) => kind === name);
}

export function hasProgram(kind: ProgramKind): boolean {
  return existsSync(programOf(kind));
}

/** Resolves once it says that it is ready; rejects where it never is. */
export async function startProgram(kind: ProgramKind): Promise<Contender> {
  const { command, health, path, body, label } = PROGRAMS[kind];
  const [, ...args] = command(PORT);
  const child = spawn(programOf(kind), args, { stdio: 'ignore', detached: true, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', BENTOML_DO_NOT_TRACK: 'True' } });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    const { pid } = child;
    // Not by its group: BentoML and Ray give their workers groups of their own.
    for (const one of pid === undefined ? [] : processTree(pid)) killIfThere(one);
    await ended;
    forget();
  };
  const forget = endOnInterrupt(stop);
  const url = `http://127.0.0.1:${PORT}`;
  for (const giveUpAt = Date.now() + START_LIMIT_MS; !(await isUp(url + health));) {
    if (Date.now() > giveUpAt || child.exitCode !== null) {
      await stop();
      throw new Error(`${kind} did not become ready`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return { name: kind, url: url + path, body, label, pids: () => processTree(child.pid ?? 0), stop };
}

function programOf(kind: ProgramKind): string {
  return here(`.venv/${kind}/${PROGRAMS[kind].command(PORT)[0]}`);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended.
  }
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
