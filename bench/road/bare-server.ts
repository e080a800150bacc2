import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAMS = {
  'bare-fastify': new URL('../baselines/bare-fastify.ts', import.meta.url),
  'bare-http': new URL('../baselines/bare-http.ts', import.meta.url),
};
export type Baseline = keyof typeof PROGRAMS;

/** A server to compare with, in a process of its own. */
export interface BareServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts one that takes `features` numbers and always answers `answer` (JSON). Rejects where it ends before it listens. */
export async function startBareServer(baseline: Baseline, features: number, answer: string): Promise<BareServer> {
  const child = spawn(process.execPath, [fileURLToPath(PROGRAMS[baseline]), String(features), answer], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = await Promise.race([
    once(child.stdout, 'data').then(([chunk]) => String(chunk)),
    once(child, 'exit').then(([code]) => { throw new Error(`${baseline} ended with ${String(code)}`); }),
  ]);
  const { port } = JSON.parse(said) as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
