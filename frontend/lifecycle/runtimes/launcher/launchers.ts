import type { Clock, Micros } from '../../../domain/clock.ts';
import type { Log } from '../../../domain/log.ts';
import { findOnPath, type HostEnvironment } from '../../container-command.ts';
import { channelOpener, type OpenChannel } from './channel.ts';
import { PROCESS_CALLS, type LaunchWatcher, type LaunchedProcess, type ProcessCalls } from './launched-process.ts';
import { Launcher } from './launcher.ts';
import type { LaunchOrder } from './messages.ts';

export interface LaunchersOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The Node that runs them, and the PATH on which `setpriv` is looked for. */
  readonly host: Pick<HostEnvironment, 'node' | 'env'>;
  /** In a test, somebody else. */
  readonly open?: OpenChannel;
  readonly calls?: ProcessCalls;
  readonly patienceMs?: number;
}

/** How long a launcher may say nothing while something is asked of it: its own start on a busy machine is well within. */
const PATIENCE_MS = 10_000;

/** One that lasted so long was a good one. */
const HEALTHY_MICROS: Micros = 10_000_000;
const FIRST_BACKOFF_MICROS: Micros = 100_000;
const LAST_BACKOFF_MICROS: Micros = 5_000_000;

/**
 * Has a launcher at hand, begun at once. Where that one hangs or ends, the next process that is asked for begins another; where
 * they end one after another, only after a while that grows. There is no other road: a broker that forked by itself where its
 * launchers fail would be late just when something is wrong already.
 */
export class Launchers {
  /** What has the kernel kill a process when that which started it ends; not everywhere. */
  readonly setpriv: string | undefined;
  readonly #options: LaunchersOptions;
  readonly #open: OpenChannel;
  readonly #all = new Set<Launcher>();
  #current: Launcher | undefined;
  #begunAt: Micros = 0;
  #failures = 0;
  #notBefore: Micros = 0;
  #lastEnd = '';

  constructor(options: LaunchersOptions) {
    const { host } = options;
    this.#options = options;
    this.setpriv = findOnPath('setpriv', host.env['PATH'] ?? '');
    this.#open = options.open ?? channelOpener({ node: host.node, setpriv: this.setpriv });
    this.#current = this.#begin();
  }

  /** Of all that there are. */
  get pids(): readonly number[] {
    return [...this.#all].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** A string says why there is no launcher now. */
  launch(order: Omit<LaunchOrder, 'id'>, watcher: LaunchWatcher): LaunchedProcess | string {
    const { clock } = this.#options;
    if (this.#current === undefined && clock.now() < this.#notBefore) {
      return `there is no launcher (${this.#lastEnd}); another is begun in ${Math.ceil((this.#notBefore - clock.now()) / 1000)} ms`;
    }
    this.#current ??= this.#begin();
    return this.#current.launch(order, watcher);
  }

  /** What they have started ends with them. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((launcher) => launcher.close()));
  }

  #begin(): Launcher {
    const { clock, log, calls = PROCESS_CALLS, patienceMs = PATIENCE_MS } = this.#options;
    this.#begunAt = clock.now();
    const launcher: Launcher = new Launcher({
      open: this.#open, clock, log, calls, patienceMs,
      onUnusable: (why) => this.#lost(launcher, why),
      onGone: () => this.#all.delete(launcher),
    });
    this.#all.add(launcher);
    return launcher;
  }

  #lost({ pid }: Launcher, why: string): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    this.#current = undefined;
    this.#lastEnd = why;
    this.#failures = now - this.#begunAt >= HEALTHY_MICROS ? 0 : this.#failures + 1;
    // The first is made up for at once: its replicas come back in a moment.
    this.#notBefore = this.#failures < 2 ? 0 : now + Math.min(LAST_BACKOFF_MICROS, FIRST_BACKOFF_MICROS * 2 ** (this.#failures - 2));
    log.error({ launcher: pid }, `the launcher, which starts containers, is lost: ${why}; another is begun when the next container is to start`);
  }
}
