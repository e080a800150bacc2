import type { ChannelEvents, LauncherChannel, OpenChannel } from '../../frontend/lifecycle/runtimes/launcher/channel.ts';
import type { ProcessCalls } from '../../frontend/lifecycle/runtimes/launcher/launched-process.ts';
import type { LaunchOrder, LaunchReport } from '../../frontend/lifecycle/runtimes/launcher/messages.ts';

/** A launcher without a process: the test says what it reports. */
export class FakeChannel implements LauncherChannel {
  readonly pid: number;
  readonly events: ChannelEvents;
  readonly orders: LaunchOrder[] = [];
  /** What was done to it. */
  readonly done: string[] = [];

  constructor(pid: number, events: ChannelEvents) {
    this.pid = pid;
    this.events = events;
  }

  send(order: LaunchOrder): void {
    this.orders.push(order);
  }
  disconnect(): void {
    this.done.push('disconnected');
  }
  kill(): void {
    this.done.push('killed');
  }
  report(report: LaunchReport): void {
    this.events.said(report);
  }
}

/** Opens fake channels; their pids are 1000, 1001 and so on. */
export class FakeChannels {
  readonly opened: FakeChannel[] = [];
  readonly open: OpenChannel = (events) => {
    const channel = new FakeChannel(1000 + this.opened.length, events);
    this.opened.push(channel);
    return channel;
  };
}

/** Processes that run until they are let go. */
export class FakeProcesses implements ProcessCalls {
  readonly killed: number[] = [];
  readonly gone = new Set<number>();
  readonly killGroup = (pid: number): void => void this.killed.push(pid);
  readonly isRunning = (pid: number): boolean => !this.gone.has(pid);
}

/** What is asked of a launcher where nobody looks at it. */
export const SOME_ORDER: Omit<LaunchOrder, 'id'> = { file: '/bin/true', args: [], cwd: '/', env: {}, token: 'secret', output: { path: '/nowhere', keys: ['out', 'err'] } };
