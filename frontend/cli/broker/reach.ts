import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { controlSocketPath } from '../../http/admin/socket.ts';
import type { CommandContext } from '../terminal/context.ts';
import { CommandFailure, EXIT, faultList } from '../terminal/failure.ts';

/** How a broker is reached: by its control socket, which asks for nothing, or by its address, perhaps with a token. */
export type Reach =
  | { readonly kind: 'socket'; readonly path: string; readonly stateDir: string }
  | { readonly kind: 'url'; readonly url: URL; /** Of the Unix socket where the door is one. */ readonly socketPath?: string; readonly token: string | undefined; readonly tls?: ReachTls };

/** Who vouches for the broker, and for whoever asks; PEM. What is left out is as the system has it. */
export interface ReachTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The words that every command has which talks to a broker. */
export interface ReachWords {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly config?: string;
  readonly stateDir?: string;
  readonly json?: boolean;
}

/** Taken where it lies in the working folder and nothing else is said. */
export const CONFIG = 'tradewind.yaml';
const STATE_DIR = '.tradewind';
const UNIX = 'unix:';

export function withReach(command: Command): Command {
  return command
    .option('--url <url>', 'address of the broker, http://, https:// or unix:/path, instead of its control socket [TRADEWIND_URL]')
    .option('--token-file <file>', 'file with a bearer token, for --url [or the token in TRADEWIND_TOKEN]')
    .option('--ca <file>', 'certificates (PEM) of the authorities that vouch for the broker, instead of the system\'s')
    .option('--cert <file>', 'certificate (PEM) to show to a broker that asks for one').option('--key <file>', 'its private key (PEM)')
    .option('--config <file>', `configuration file of the broker, for its state_dir [${CONFIG} if there]`)
    .option('--state-dir <folder>', `state_dir of the broker [TRADEWIND_STATE_DIR, ${STATE_DIR}]`)
    .option('--json', 'the answer as JSON');
}

export async function reachOf(words: ReachWords, context: Pick<CommandContext, 'environment' | 'workingFolder'>): Promise<Reach> {
  const { environment } = context;
  const near = words.config !== undefined || words.stateDir !== undefined;
  const url = words.url ?? (near ? undefined : environment['TRADEWIND_URL']);
  if (url !== undefined) return { kind: 'url', ...readUrl(url, context.workingFolder), token: tokenOf(words, context), tls: tlsOf(words, context.workingFolder) };
  const stateDir = await stateDirOf(words, context);
  return { kind: 'socket', path: controlSocketPath(stateDir), stateDir };
}

/** The state folder that the words mean, as an absolute path. */
export async function stateDirOf({ stateDir, config }: ReachWords, { environment, workingFolder }: Pick<CommandContext, 'environment' | 'workingFolder'>): Promise<string> {
  if (stateDir !== undefined) return resolve(workingFolder, stateDir);
  const file = config ?? (environment['TRADEWIND_STATE_DIR'] === undefined && existsSync(resolve(workingFolder, CONFIG)) ? CONFIG : undefined);
  if (file === undefined) return resolve(workingFolder, environment['TRADEWIND_STATE_DIR'] ?? STATE_DIR);
  // Reading a configuration takes longer than all the rest: only who needs it loads what it takes.
  const { readConfigFile } = await import('../../lifecycle/desired-file.ts');
  const read = readConfigFile(resolve(workingFolder, file), { environment, workingFolder });
  if (!read.ok) throw new CommandFailure(faultList(read.faults));
  return read.config.settings.stateDir;
}

function readUrl(text: string, workingFolder: string): { readonly url: URL; readonly socketPath?: string } {
  // Whoever serves on a socket goes by the name of this machine.
  if (text.startsWith(UNIX)) return { url: new URL('http://localhost'), socketPath: resolve(workingFolder, text.slice(UNIX.length)) };
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) throw new CommandFailure(`${text} is no address of a broker: say http://host:port, https://host:port or unix:/path`, EXIT.usage);
  return { url };
}

function tokenOf({ tokenFile }: ReachWords, { environment, workingFolder }: Pick<CommandContext, 'environment' | 'workingFolder'>): string | undefined {
  return tokenFile === undefined ? environment['TRADEWIND_TOKEN'] : contentOf(tokenFile, workingFolder).trim();
}

function tlsOf({ ca, cert, key }: ReachWords, workingFolder: string): ReachTls {
  if ((cert === undefined) !== (key === undefined)) throw new CommandFailure('--cert and --key go together', EXIT.usage);
  const files = Object.entries({ ca, cert, key }).flatMap(([word, file]) => (file === undefined ? [] : [[word, contentOf(file, workingFolder)]]));
  return Object.fromEntries(files) as ReachTls;
}

function contentOf(file: string, workingFolder: string): string {
  try {
    return readFileSync(resolve(workingFolder, file), 'utf8');
  } catch (thrown) {
    throw new CommandFailure(`${file} cannot be read: ${(thrown as Error).message}`, EXIT.usage);
  }
}
