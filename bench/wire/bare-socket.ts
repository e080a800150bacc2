import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PEER = fileURLToPath(new URL('bare-peer.ts', import.meta.url));

/**
 * What a large batch costs where there is nothing but the socket: one buffer of `bytes` bytes written, `reply` bytes read, one
 * after another, from the accepting side. Microseconds of this process's CPU each, user and system.
 */
export async function measureBareSocket({ bytes, reply, seconds }: { readonly bytes: number; readonly reply: number; readonly seconds: number }): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bare-'));
  const path = join(folder, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const peer = spawn(process.execPath, [PEER, path, String(bytes), String(reply)], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [socket] = (await once(server, 'connection')) as [Socket];
  const batch = Buffer.alloc(bytes, 1);
  await exchange(socket, batch, reply, seconds);
  const before = process.cpuUsage();
  const exchanges = await exchange(socket, batch, reply, seconds);
  const { user, system } = process.cpuUsage(before);
  const ended = once(peer, 'exit');
  socket.destroy();
  server.close();
  await ended;
  rmSync(folder, { recursive: true, force: true });
  return Math.round((10 * (user + system)) / exchanges) / 10;
}

function exchange(socket: Socket, batch: Buffer, reply: number, seconds: number): Promise<number> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    let exchanges = 0;
    let owed = reply;
    const read = (chunk: Buffer): void => {
      owed -= chunk.length;
      if (owed > 0) return;
      owed = reply;
      exchanges++;
      if (performance.now() - startedMs < seconds * 1000) {
        socket.write(batch);
        return;
      }
      socket.off('data', read);
      resolve(exchanges);
    };
    socket.on('data', read);
    socket.write(batch);
  });
}
