import { join } from 'node:path';
import type { Socket } from 'node:net';
import process from 'node:process';
import type { LoadedConfig } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { readToken } from './config/settings.ts';
import type { AdminTokenStore } from './domain/admin-token.ts';
import type { AuditStore } from './domain/audit.ts';
import type { FeedbackStore } from './domain/feedback.ts';
import type { Log } from './domain/log.ts';
import type { AdminAccess } from './http/admin/access.ts';
import { openControlSocket, type ApplyRequest, type ControlSocket } from './http/admin/socket.ts';
import type { HttpDoor } from './http/server.ts';
import { applyConfig, readConfigText, type Surroundings } from './lifecycle/desired-file.ts';
import type { DesiredStateOwner } from './lifecycle/desired-state-owner.ts';
import { lenientAudit } from './lifecycle/lenient-audit.ts';
import { AdminTokens } from './lifecycle/admin-tokens.ts';
import { FEEDBACK_FILE } from './storage/sqlite/feedback-database.ts';
import { STATE_FILE } from './storage/sqlite/state.ts';

/** What operators need of the stores. */
export interface OperatedStores {
  readonly state: AuditStore & AdminTokenStore & { copyTo(file: string): Promise<void> };
  readonly feedback: Pick<FeedbackStore, 'copyTo'>;
}

/** What the control socket works on. */
export interface OperatedBroker {
  /** What it has run with since its start. */
  readonly running: Pick<LoadedConfig, 'settings' | 'policies'>;
  readonly surroundings: Surroundings;
  readonly owner: DesiredStateOwner;
  readonly door: Pick<HttpDoor, 'operate'>;
  /** Certificates are read again, as the configuration was: a sentence where that comes to anything. */
  readonly renew: (dryRun: boolean) => string | undefined;
  readonly stores: OperatedStores;
}

/** Who may operate the broker, wired: tokens, and connections over the control socket. */
export class Operators {
  readonly tokens: AdminTokens;
  readonly access: AdminAccess;
  readonly #sockets = new WeakSet<Socket>();
  readonly #tokenFile: string | undefined;
  readonly #log: Log;

  private constructor(settings: Pick<Settings, 'admin' | 'listen'>, tokens: AdminTokens, log: Log) {
    this.tokens = tokens;
    this.access = { tokens, loopback: settings.listen.http.loopback, operators: this.#sockets };
    this.#tokenFile = settings.admin.tokenFile;
    this.#log = log;
  }

  static async open(settings: Pick<Settings, 'admin' | 'listen'>, store: AdminTokenStore, log: Log): Promise<Operators> {
    const { tokenFile } = settings.admin;
    return new Operators(settings, await AdminTokens.open(store, tokenFile === undefined ? undefined : readToken(tokenFile, [])), log);
  }

  /** `admin.token_file` is read again; a file that cannot be read leaves the token as it was. A sentence where that comes to anything. */
  readTokenFile(dryRun = false): string | undefined {
    if (this.#tokenFile === undefined) return undefined;
    const secret = readToken(this.#tokenFile, []);
    if (secret !== undefined) return this.tokens.readFile(secret, dryRun) ? `The token of ${this.#tokenFile} ${dryRun ? 'would take' : 'took'} the place of the one before.` : undefined;
    if (!dryRun) this.#log.error({ file: this.#tokenFile }, 'admin.token_file holds no token; the one of before goes on');
    return `${this.#tokenFile} holds no token, and the one of before goes on.`;
  }

  /** Opens the control socket of a broker whose door listens. */
  listen({ running, surroundings, owner, door, renew, stores }: OperatedBroker): Promise<ControlSocket> {
    const audit = lenientAudit(stores.state, this.#log);
    return openControlSocket(running.settings.stateDir, {
      apply: async ({ path, content, dryRun }: ApplyRequest) => {
        const result = await applyConfig({ owner, running, read: readConfigText(content, path, surroundings), dryRun, by: { who: 'file', what: `apply ${path}` } });
        return result.ok ? { ...result, readAgain: [this.readTokenFile(dryRun), renew(dryRun)].filter((said) => said !== undefined) } : result;
      },
      backup: async ({ folder }) => {
        const files = await copyState(stores, folder);
        await audit.record({ who: 'socket', what: 'backup' });
        return { files };
      },
      stop: async () => {
        await audit.record({ who: 'socket', what: 'stop' });
        setImmediate(() => process.kill(process.pid, 'SIGTERM'));
        return { pid: process.pid };
      },
      admin: (request, response) => {
        this.#sockets.add(request.socket);
        door.operate(request, response);
      },
    });
  }
}

/** The files of the state as they stand, copied into a folder that is there; says which. */
async function copyState(stores: OperatedStores, folder: string): Promise<readonly string[]> {
  await stores.state.copyTo(join(folder, STATE_FILE));
  const ownFeedback = await stores.feedback.copyTo(join(folder, FEEDBACK_FILE));
  return ownFeedback ? [STATE_FILE, FEEDBACK_FILE] : [STATE_FILE];
}
