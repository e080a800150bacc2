import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

let pairs = 0;

/** Two ends of one Unix socket: `near` was accepted, `far` has dialled. Both are to be destroyed. */
export async function socketPair(): Promise<{ near: Socket; far: Socket }> {
  const path = join(tmpdir(), `pair-${process.pid}-${pairs++}.sock`);
  const server = createServer().listen(path);
  await once(server, 'listening');
  const far = connect(path);
  const [near] = (await once(server, 'connection')) as [Socket];
  server.close();
  rmSync(path, { force: true });
  return { near, far };
}
