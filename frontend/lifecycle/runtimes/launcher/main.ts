/**
 * The launcher: a process of the broker's that starts containers for it. Forking a process takes the longer the more memory it
 * holds, and this one holds next to none. Orders come and reports go by the channel that it was started with; what containers
 * print goes to the broker's own socket, past this process. When the channel ends, it kills what it has started, and ends.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import process from 'node:process';
import { TOKEN_FD } from '../../container-command.ts';
import { killGroup } from '../../process-record.ts';
import type { LaunchOrder, LaunchReport } from './messages.ts';

const running = new Set<number>();
/** One after another: so the broker's socket never has more than one connection to take in. */
let last = Promise.resolve();

process.on('message', (order) => {
  last = last.then(() => launch(order as LaunchOrder));
});
process.on('disconnect', () => {
  for (const pid of running) killGroup(pid);
  process.exit();
});
// A service manager tells every process of a service that it shall stop; the broker drains its replicas first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

async function launch({ id, file, args, cwd, env, token, output }: LaunchOrder): Promise<void> {
  const streams: Socket[] = [];
  try {
    for (const key of output.keys) streams.push(await connected(output.path, key));
    // detached: a session and process group of its own, so that nothing it starts outlives it.
    const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', ...streams, 'pipe'] });
    child.on('error', ({ message }) => report({ kind: 'failed', id, why: message }));
    const { pid } = child;
    if (pid === undefined) return;
    running.add(pid);
    child.on('exit', (code, signal) => {
      running.delete(pid);
      report({ kind: 'exited', id, code, signal });
    });
    report({ kind: 'started', id, pid });
    const pipe = child.stdio[TOKEN_FD];
    if (pipe === null || pipe === undefined || !('end' in pipe)) return;
    // A process that is gone already, or never reads, is no concern of the token's.
    pipe.on('error', () => {});
    pipe.end(token);
  } catch (error) {
    report({ kind: 'failed', id, why: error instanceof Error ? error.message : String(error) });
  } finally {
    // The container has descriptors of its own by now.
    for (const stream of streams) stream.destroy();
  }
}

/** Rejects where the broker awaits the stream no longer. */
async function connected(path: string, key: string): Promise<Socket> {
  const socket = connect(path);
  socket.write(key);
  await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => Promise.reject(new Error('the broker awaits it no longer')))]);
  return socket;
}

function report(what: LaunchReport): void {
  process.send?.(what);
}
