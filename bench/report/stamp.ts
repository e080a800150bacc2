import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cpuTicks, stolenShare } from '../../frontend/runtime/stolen-time.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** When the bench began. */
const BEGAN = cpuTicks();

/** What a bench has to say of its own. */
export interface Measured<Result> {
  readonly bench: string;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly result: Result;
  /** Hash of the answers that were given, where the same seed must give the same on every machine. */
  readonly answer?: string;
  /** Of the processors' time while what counts was measured, where that is not all of the bench: what the hypervisor gave to others. */
  readonly stolen?: number;
}

/** What code it was that was measured. */
export interface TreeState {
  /** The commit of the tree; `unknown` outside a checkout. */
  readonly commit: string;
  /** The tree held changes that no commit has, other results apart. */
  readonly dirty: boolean;
}

/** A bench's result as it is kept: with everything that one must know to believe it, or to repeat it. */
export interface Stamped<Result> extends Measured<Result>, TreeState {
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMb: number;
  /**
   * Of the processors' time since the bench began, or in the rounds that count, what the hypervisor gave to others, from 0 to 1.
   * Absent where the system does not say, and in results of before.
   */
  readonly stolen?: number;
}

/** `began` and `now`: for a bench of this process, all of its time. */
export function stamp<Result>(measured: Measured<Result>, began = BEGAN, now = cpuTicks()): Stamped<Result> {
  const machine = cpus();
  return {
    bench: measured.bench,
    ...treeNow(),
    date: new Date().toISOString(),
    node: process.version,
    cpu: machine[0]?.model ?? 'unknown',
    cores: machine.length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    ...(now.all === 0 ? {} : { stolen: Math.round((measured.stolen ?? stolenShare(began, now)) * 1e4) / 1e4 }),
    seed: measured.seed,
    parameters: measured.parameters,
    ...(measured.answer === undefined ? {} : { answer: measured.answer }),
    result: measured.result,
  };
}

export function treeNow(): TreeState {
  return { commit: git('rev-parse', 'HEAD') ?? 'unknown', dirty: git('status', '--porcelain', '--', '.', ':!bench/results') !== '' };
}

function git(...words: string[]): string | undefined {
  try {
    return execFileSync('git', words, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
