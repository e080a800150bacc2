import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endOnInterrupt } from '../broker/end-on-interrupt.ts';

const LIMIT_MS = 20_000;

export interface Redis {
  readonly url: string;
  stop(): Promise<void>;
}

/** A Redis of our own that writes each change to the disk before it answers; undefined where the machine has none. */
export async function startRedis(): Promise<Redis | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-redis-'));
  const socket = join(folder, 'redis.sock');
  const child = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'], { stdio: 'ignore' });
  let failed = false;
  child.on('error', () => { failed = true; });
  const stop = async (): Promise<void> => {
    if (!failed && child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
    forget();
  };
  const forget = endOnInterrupt(stop);
  for (const giveUpAt = Date.now() + LIMIT_MS; !failed && Date.now() < giveUpAt; await delay(20)) if (await accepts(socket)) break;
  if (!failed) return { url: `unix:${socket}`, stop };
  await stop();
  return undefined;
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
