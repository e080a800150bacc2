import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAbsolute, join, relative } from 'node:path';

/** What a command line sends: the file as it stands, so that what was checked is what is applied. */
export interface ApplyRequest {
  readonly path: string;
  readonly content: string;
  readonly dryRun: boolean;
}

/** Where copies of the state are to be put: an absolute path to a folder that is there. */
export interface BackupRequest {
  readonly folder: string;
}

/** What the operator may have done; the first three answer with plain data. */
export interface ControlCalls {
  apply(request: ApplyRequest): Promise<unknown>;
  backup(request: BackupRequest): Promise<unknown>;
  /** The broker stops, as on SIGTERM; this answers before. */
  stop(): Promise<unknown>;
  /** Any other request: the routes of the HTTP door, with no question of who asks. */
  admin(request: IncomingMessage, response: ServerResponse): void;
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
 * broker. It takes `POST /apply`, `/backup` and `/stop`, and every route of the HTTP door. Call it once the state folder is
 * held: a socket that a killed broker left is replaced.
 */
export async function openControlSocket(stateDir: string, calls: ControlCalls): Promise<ControlSocket> {
  const folder = join(stateDir, 'control');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const path = controlSocketPath(stateDir);
  rmSync(path, { force: true });
  const own: Readonly<Record<string, (request: IncomingMessage) => Promise<unknown>>> = {
    '/apply': async (request) => calls.apply(applyRequest(await readJson(request))),
    '/backup': async (request) => calls.backup(backupRequest(await readJson(request))),
    '/stop': () => calls.stop(),
  };
  const server = createServer((request, response) => {
    const call = request.method === 'POST' ? own[request.url ?? ''] : undefined;
    if (call === undefined) return calls.admin(request, response);
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
    };
    return void call(request).then((body) => answer(200, body), (thrown: unknown) => answer(400, { message: thrown instanceof Error ? thrown.message : String(thrown) }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
  return {
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the request is too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

function applyRequest(value: unknown): ApplyRequest {
  const { path, content, dryRun } = (value ?? {}) as Partial<ApplyRequest>;
  if (typeof path !== 'string' || typeof content !== 'string' || typeof dryRun !== 'boolean') throw new Error('expected {path, content, dryRun}');
  return { path, content, dryRun };
}

function backupRequest(value: unknown): BackupRequest {
  const { folder } = (value ?? {}) as Partial<BackupRequest>;
  if (typeof folder !== 'string' || !isAbsolute(folder)) throw new Error('expected {folder}, an absolute path');
  return { folder };
}
