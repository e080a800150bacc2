/** A process to start, whole: the launcher adds nothing of its own. */
export interface LaunchOrder {
  /** Never used twice. */
  readonly id: number;
  /** An executable file. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What it reads from descriptor `TOKEN_FD` until the end. */
  readonly token: string;
  /** Where its standard output and error go: a Unix socket, and the key of each stream there. */
  readonly output: { readonly path: string; readonly keys: readonly [string, string] };
}

/** What became of an order: `started` and then `exited`, or `failed` alone; each once. */
export type LaunchReport =
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'failed'; readonly id: number; readonly why: string }
  | { readonly kind: 'exited'; readonly id: number; readonly code: number | null; readonly signal: string | null };

/** Undefined is said by a launcher of another release: its program is read anew at each start, the broker's is not. */
export function parseReport(message: unknown): LaunchReport | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { kind, id, pid, why, code, signal } = message as Partial<Record<string, unknown>>;
  if (typeof id !== 'number') return undefined;
  if (kind === 'started' && typeof pid === 'number' && pid > 1) return { kind, id, pid };
  if (kind === 'failed' && typeof why === 'string') return { kind, id, why };
  if (kind === 'exited' && (code === null || typeof code === 'number') && (signal === null || typeof signal === 'string')) return { kind, id, code, signal };
  return undefined;
}
