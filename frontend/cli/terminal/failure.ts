/** What the command ends with, by why it ended. `--help` says the same. */
export const EXIT = Object.freeze({ refused: 1, usage: 2, unreachable: 3, notReady: 4 });

/** Why a command ends: lines for the operator, no stack trace. Thrown by commands, shown by `tradewind.ts`. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.refused) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What went wrong, in one sentence that says what to do about it. */
export function explain(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { code, syscall, path, address, port } = thrown as NodeJS.ErrnoException & { address?: string; port?: number };
  switch (code) {
    case 'EADDRINUSE': return `${address ?? 'the address'}${port === undefined ? '' : `:${port}`} is in use: another program listens there. Stop it, or choose another address with listen.http or listen.grpc.`;
    case 'EADDRNOTAVAIL': return `${address ?? 'the address'} is not an address of this machine: check listen.http and listen.grpc.`;
    case 'EACCES': case 'EPERM': return syscall === 'listen'
      ? `no permission to listen on ${address ?? 'the address'}${port === undefined ? '' : `:${port}`}: ports below 1024 are for root.`
      : `no permission: ${path ?? thrown.message}. Check who owns it, or choose another state_dir.`;
    case 'ENOENT': return syscall === 'listen' ? `the folder of ${address ?? 'the socket'} is not there: make it, or choose another path for listen.` : thrown.message;
    case 'EROFS': return `${path ?? 'the file system'} is read-only: choose another state_dir.`;
    case 'ENOSPC': return 'no space is left on the disk of state_dir.';
    case 'ENOTDIR': case 'EEXIST': return `${path ?? thrown.message} is not a folder: choose another state_dir.`;
    default: return thrown.message;
  }
}

/** Faults as one message: a heading, then one a line. */
export function faultList(faults: readonly string[]): string {
  return [`${faults.length === 1 ? 'One fault' : `${faults.length} faults`}; nothing was changed.`, ...faults].join('\n');
}
