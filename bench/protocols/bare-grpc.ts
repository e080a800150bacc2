import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../baselines/bare-grpc.ts', import.meta.url));

/** A bare server whose one method always answers `answer`, in a process of its own. */
export async function startBareGrpc(path: string, answer: Buffer): Promise<{ readonly address: string; readonly pid: number; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [PROGRAM, path, answer.toString('base64')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const said = await Promise.race([
    once(child.stdout, 'data').then(([chunk]) => String(chunk)),
    once(child, 'exit').then(([code]) => { throw new Error(`the bare gRPC server ended with ${String(code)}`); }),
  ]);
  const { port } = JSON.parse(said) as { port: number };
  return {
    address: `127.0.0.1:${port}`, pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}
