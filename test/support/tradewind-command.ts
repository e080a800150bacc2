import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const COMMAND = fileURLToPath(new URL('../../frontend/cli/tradewind.ts', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The `tradewind` command as a process. `ended` is everything that it said, once it is over. */
export function tradewind(args: readonly string[], options: { cwd: string; env?: Readonly<Record<string, string>> }): { child: ChildProcess; ended: Promise<Ended>; said: (pattern: RegExp) => Promise<string> } {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  const heard: (() => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const listen of heard) listen();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text; });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  const said = (pattern: RegExp): Promise<string> => new Promise((resolve, reject) => {
    const listen = (): void => {
      if (pattern.test(out)) resolve(out);
    };
    heard.push(listen);
    listen();
    void ended.then(({ code }) => reject(new Error(`ended with ${code} and never said ${String(pattern)}:\n${out}${err}`)));
  });
  return { child, ended, said };
}
