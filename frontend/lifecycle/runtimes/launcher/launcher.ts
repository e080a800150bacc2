import type { Clock } from '../../../domain/clock.ts';
import type { Log } from '../../../domain/log.ts';
import { OutputLines } from '../../output-lines.ts';
import type { LauncherChannel, OpenChannel } from './channel.ts';
import { LaunchedProcess, type LaunchWatcher, type ProcessCalls } from './launched-process.ts';
import { parseReport, type LaunchOrder } from './messages.ts';

export interface LauncherParts {
  readonly open: OpenChannel;
  readonly clock: Clock;
  readonly log: Log;
  readonly calls: ProcessCalls;
  /** How long it may say nothing while something is asked of it. */
  readonly patienceMs: number;
  /** It takes orders no more: it hangs, or has ended. */
  readonly onUnusable: (why: string) => void;
  /** Its process has ended. */
  readonly onGone: () => void;
}

/** How long one that is asked to end may take. */
const CLOSE_MS = 1000;

/**
 * One launcher, as the broker sees it. One that hangs gets nothing more to do but is left alone as long as a process of it runs,
 * since they would end with it: so there are never more of them than processes.
 */
export class Launcher {
  readonly #parts: LauncherParts;
  readonly #channel: LauncherChannel;
  readonly #processes = new Map<number, LaunchedProcess>();
  readonly #gone: Promise<void>;
  #orders = 0;
  #isUsable = true;
  #isClosing = false;
  #isOver = false;
  #stopWaiting: (() => void) | undefined;
  #resolveGone: () => void = () => {};

  constructor(parts: LauncherParts) {
    this.#parts = parts;
    this.#gone = new Promise((resolve) => (this.#resolveGone = resolve));
    const lines = new OutputLines(parts.clock, (line) => parts.log.error({ launcher: this.pid }, `the launcher said: ${line}`));
    const print = lines.stream();
    this.#channel = parts.open({ said: (message) => this.#said(message), printed: print, gone: (why) => this.#ended(why, () => print(undefined)) });
  }

  get pid(): number | undefined {
    return this.#channel.pid;
  }

  launch(order: Omit<LaunchOrder, 'id'>, watcher: LaunchWatcher): LaunchedProcess {
    const { clock, calls } = this.#parts;
    const id = ++this.#orders;
    const launched = new LaunchedProcess({
      started: (pid) => watcher.started(pid),
      ended: (end) => {
        watcher.ended(end);
        this.#endIfIdle();
      },
    }, clock, calls);
    this.#processes.set(id, launched);
    this.#channel.send({ ...order, id });
    this.#stopWaiting ??= this.#wait();
    return launched;
  }

  /** What it has started ends with it. Resolves once it has ended. */
  close(): Promise<void> {
    const { clock } = this.#parts;
    this.#isClosing = true;
    this.#channel.disconnect();
    const stop = clock.wakeAt(clock.now() + CLOSE_MS * 1000, () => this.#channel.kill());
    return this.#gone.finally(stop);
  }

  #said(message: unknown): void {
    const report = parseReport(message);
    const launched = report === undefined ? undefined : this.#processes.get(report.id);
    if (report === undefined || launched === undefined) {
      this.#parts.log.error({ launcher: this.pid, message }, 'the launcher said what is no report of it');
      return;
    }
    launched.report(report);
    if (report.kind !== 'started') this.#processes.delete(report.id);
    this.#stopWaiting?.();
    this.#stopWaiting = this.#all('asked').length === 0 ? undefined : this.#wait();
  }

  #wait(): () => void {
    const { clock, patienceMs } = this.#parts;
    return clock.wakeAt(clock.now() + patienceMs * 1000, () => this.#hangs());
  }

  #hangs(): void {
    const why = `has not answered for ${this.#parts.patienceMs} ms`;
    this.#stopWaiting = undefined;
    this.#retire(`it ${why}`);
    for (const launched of this.#processes.values()) launched.launcherHangs(`the launcher ${why}`);
  }

  #retire(why: string): void {
    if (!this.#isUsable) return;
    this.#isUsable = false;
    if (!this.#isClosing) this.#parts.onUnusable(why);
  }

  /** Nobody lives by it any more. */
  #endIfIdle(): void {
    if (!this.#isUsable && !this.#isOver && this.#all('asked').length + this.#all('running').length === 0) this.#channel.kill();
  }

  #ended(why: string, lastWords: () => void): void {
    lastWords();
    this.#isOver = true;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#retire(why);
    for (const launched of this.#processes.values()) launched.launcherGone(why);
    this.#processes.clear();
    this.#resolveGone();
    this.#parts.onGone();
  }

  #all(state: LaunchedProcess['state']): LaunchedProcess[] {
    return [...this.#processes.values()].filter((one) => one.state === state);
  }
}
