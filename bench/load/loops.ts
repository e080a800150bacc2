import type { Gaps } from './arrivals.ts';

/** Microseconds since the run began. */
export type Now = () => number;

/** What a loop does with the world. */
export interface LoopPorts {
  readonly now: Now;
  /** Sends request `sequence`, whose latency counts from `fromMicros`; false where no connection is free. */
  send(sequence: number, fromMicros: number): boolean;
  /** No further request will come about; those that wait for a connection still leave when one is free. Called once. */
  finished(): void;
}

/** A way to drive requests. `free` is called whenever a connection has become free. */
export interface Loop {
  start(): void;
  free(): void;
  readonly sent: number;
  /** Requests whose moment has come and that found no connection yet. */
  readonly waiting: number;
}

export interface Bounds {
  readonly endMicros: number;
  readonly requests: number;
}

/** Every free connection gets the next request at once. */
export function closedLoop(bounds: Bounds, ports: LoopPorts): Loop {
  let sent = 0;
  let over = false;
  const fill = (): void => {
    for (;;) {
      if (over) return;
      const now = ports.now();
      if (now >= bounds.endMicros || sent >= bounds.requests) {
        over = true;
        ports.finished();
        return;
      }
      if (!ports.send(sent, now)) return;
      sent++;
    }
  };
  return { start: fill, free: fill, get sent() { return sent; }, waiting: 0 };
}

/** Requests that leave in one turn of the event loop before it looks for answers again. */
const MAX_SENDS_A_TURN = 32;
/** setTimeout is late by up to a millisecond and more: the last stretch is waited for turn by turn. */
const TIMER_SLACK_MICROS = 2_200;
/**
 * Between two turns of that stretch the generator sleeps, for it comes before everybody else: one that span would keep a core
 * from the server. An answer that comes meanwhile is seen later by as much, some 0.1 ms with what a kernel adds, whoever gave it.
 */
const NAP_MICROS = 50;

export interface OpenLoopPorts extends LoopPorts {
  /** A request left (or began to wait for a connection) so long after its moment. */
  late(micros: number): void;
  /** No connection was free for a request at its moment. */
  waited(): void;
  /** Sleeps, event loop and all. */
  nap(micros: number): void;
}

/**
 * Requests leave at moments that are drawn beforehand and do not depend on the answers. One that finds no free connection
 * waits for one, first come first served; its latency counts from its moment all the same.
 */
export function openLoop(bounds: Bounds, gaps: Gaps, ports: OpenLoopPorts): Loop {
  let drawn = 0;
  let sent = 0;
  let nextAt = gaps();
  const waiting: number[] = []; // moments; their sequence numbers are sent, sent + 1, …
  let firstWaiting = 0;

  const sendWaiting = (): void => {
    while (firstWaiting < waiting.length && ports.send(sent, waiting[firstWaiting] ?? 0)) {
      sent++;
      firstWaiting++;
    }
    if (firstWaiting === waiting.length) firstWaiting = waiting.length = 0;
  };
  const turn = (): void => {
    for (let i = 0; i < MAX_SENDS_A_TURN; i++) {
      if (nextAt >= bounds.endMicros || drawn >= bounds.requests) {
        ports.finished();
        return;
      }
      const late = ports.now() - nextAt;
      if (late < 0) break;
      ports.late(late);
      drawn++;
      if (waiting.length === 0 && ports.send(sent, nextAt)) {
        sent++;
      } else {
        ports.waited();
        waiting.push(nextAt);
      }
      nextAt += gaps();
    }
    const ahead = nextAt - ports.now();
    if (ahead > TIMER_SLACK_MICROS) setTimeout(turn, (ahead - TIMER_SLACK_MICROS) / 1000);
    else {
      if (ahead >= NAP_MICROS) ports.nap(NAP_MICROS);
      setImmediate(turn);
    }
  };
  return { start: turn, free: sendWaiting, get sent() { return sent; }, get waiting() { return waiting.length - firstWaiting; } };
}
