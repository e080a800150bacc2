import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join, relative } from 'node:path';

/** What a command line sends: the file as it stands, so that what was checked is what is applied. */
export interface ApplyRequest {
  readonly path: string;
  readonly content: string;
  readonly dryRun: boolean;
}

export interface ControlSocket {
  close(): Promise<void>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** The kernel's sun_path holds 108 bytes with the closing zero (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;

/** Where the broker with this state folder is reached, as short as it can be said. Throws where the kernel cannot take it. */
export function controlSocketPath(stateDir: string): string {
  const path = join(stateDir, 'control', 'broker.sock');
  const short = relative(process.cwd(), path);
  const best = Buffer.byteLength(short) < Buffer.byteLength(path) ? short : path;
  if (Buffer.byteLength(best) <= MAX_SOCKET_PATH_BYTES) return best;
  throw new Error(`state_dir ${stateDir} is too long for a socket in it: choose a shorter one`);
}

/**
 * The operator's own door: a Unix socket in a folder of mode 0700, so that whoever opens it is the user who runs the
 * broker. It takes `POST /apply`; `apply` answers with plain data. Call it once the state folder is held: a socket that a
 * killed broker left is replaced.
 */
export async function openControlSocket(stateDir: string, apply: (request: ApplyRequest) => Promise<unknown>): Promise<ControlSocket> {
  const folder = join(stateDir, 'control');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const path = controlSocketPath(stateDir);
  rmSync(path, { force: true });
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
    };
    if (request.method !== 'POST' || request.url !== '/apply') return answer(404, { message: 'there is only POST /apply' });
    return void readRequest(request).then(apply).then((body) => answer(200, body), (thrown: unknown) => answer(400, { message: thrown instanceof Error ? thrown.message : String(thrown) }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  return {
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    }),
  };
}

async function readRequest(request: IncomingMessage): Promise<ApplyRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  const value = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Partial<ApplyRequest> | null;
  if (typeof value?.path !== 'string' || typeof value.content !== 'string' || typeof value.dryRun !== 'boolean') throw new Error('expected {path, content, dryRun}');
  return { path: value.path, content: value.content, dryRun: value.dryRun };
}
