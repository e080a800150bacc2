import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { endOnInterrupt } from '../broker/end-on-interrupt.ts';

/** A server of somebody else as a process, with the models of bench/foreign/models. */
export interface ForeignServer {
  /** `grpc://127.0.0.1:…` */
  readonly grpc: string;
  /** `http://127.0.0.1:…` */
  readonly http: string;
  /** Of the process and everything that it started. */
  pids(): readonly number[];
  kill9(): Promise<void>;
}

export type ForeignKind = 'triton' | 'mlserver';
export const FOREIGN_KINDS: readonly ForeignKind[] = Object.freeze(['triton', 'mlserver']);

/** The linear model in two settings: waiting for more rows, as who asks it directly wants it, and not, as somebody who has gathered them. */
export const FOREIGN_MODELS = Object.freeze(['linear', 'linear-at-once'] as const);
export type ForeignModel = (typeof FOREIGN_MODELS)[number];

const PROGRAMS: Readonly<Record<ForeignKind, string>> = Object.freeze({ triton: 'tritonserver', mlserver: 'mlserver' });
const MODELS = fileURLToPath(new URL('models', import.meta.url));
const MODEL_NAMES = ['affine', ...FOREIGN_MODELS];
/** A first start reads hundreds of megabytes. */
const START_LIMIT_MS = 90_000;
const LOOK_MS = 50;

/** Where bench/foreign/install.sh has put it; undefined where it has not. */
export function findForeign(kind: ForeignKind): string | undefined {
  const program = fileURLToPath(new URL(`../../.venv/${kind}/bin/${PROGRAMS[kind]}`, import.meta.url));
  return existsSync(program) ? program : undefined;
}

/** Resolves once its models are ready; rejects where they never are. */
export async function startForeign(kind: ForeignKind): Promise<ForeignServer> {
  const program = findForeign(kind);
  if (program === undefined) throw new Error(`${kind} is not on this machine: bench/foreign/install.sh`);
  const [grpcPort = 0, httpPort = 0, metricsPort = 0] = await freePorts(3);
  const folder = mkdtempSync(join(tmpdir(), 'foreign-'));
  const { args, env } = COMMANDS[kind]({ grpc: grpcPort, http: httpPort, metrics: metricsPort });
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...env }, stdio: 'ignore', detached: true });
  const group = child.pid ?? 0;
  const ended = once(child, 'exit');
  const kill9 = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-group, 'SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
    forget();
  };
  const forget = endOnInterrupt(kill9);
  const http = `http://127.0.0.1:${httpPort}`;
  const giveUpAt = Date.now() + START_LIMIT_MS;
  while (!(await areReady(http))) {
    if (child.exitCode !== null || Date.now() > giveUpAt) {
      await kill9();
      throw new Error(`${kind} did not become ready`);
    }
    await delay(LOOK_MS);
  }
  return { grpc: `grpc://127.0.0.1:${grpcPort}`, http, pids: () => groupMembers(group), kill9 };
}

interface Ports {
  readonly grpc: number;
  readonly http: number;
  readonly metrics: number;
}
interface Command {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const COMMANDS: Readonly<Record<ForeignKind, (ports: Ports) => Command>> = Object.freeze({
  triton: ({ grpc, http }) => ({
    args: [`--model-repository=${join(MODELS, 'triton')}`, '--http-address=127.0.0.1', `--http-port=${http}`, '--grpc-address=127.0.0.1', `--grpc-port=${grpc}`, '--allow-metrics=false'],
    env: {},
  }),
  mlserver: ({ grpc, http, metrics }) => ({
    args: ['start', join(MODELS, 'mlserver')],
    env: { MLSERVER_HOST: '127.0.0.1', MLSERVER_HTTP_PORT: String(http), MLSERVER_GRPC_PORT: String(grpc), MLSERVER_METRICS_PORT: String(metrics), MLSERVER_PARALLEL_WORKERS: '0' },
  }),
});

async function areReady(http: string): Promise<boolean> {
  for (const model of MODEL_NAMES) if (!(await isReady(`${http}/v2/models/${model}/ready`))) return false;
  return true;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Processes of one group: a server that was started as its leader, and its workers. */
function groupMembers(group: number): number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === group;
    } catch {
      return false; // it ended since the list was read
    }
  });
}
