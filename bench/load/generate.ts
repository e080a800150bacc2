import { performance } from 'node:perf_hooks';
import { gaps } from './arrivals.ts';
import type { UnderWay } from './connection.ts';
import { closedLoop, openLoop, type Loop, type LoopPorts } from './loops.ts';
import { assertPlan, type LoadPlan } from './plan.ts';
import { Pool } from './pool.ts';
import { random } from './random.ts';
import type { LoadReport, Progress } from './report.ts';
import { loadSource, type RequestSource } from './request-source.ts';
import { Tally } from './tally.ts';
import { between, mark, type Mark } from './window.ts';

const DEFAULT_SEED = 1;
const DEFAULT_ANSWER_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_LATENESS_MICROS = 1_000;
/** More of the open loop's requests than this waiting for a connection, and it was no open loop. */
const MAX_WAITED_SHARE = 0.001;
const PROGRESS_EVERY_MS = 250;
/**
 * Connections of the open loop from the start. It may have thousands for the moment in which a server stands still; all of them at
 * once would be a moment of that kind, which no application makes: the server's collector has to move them, twice.
 */
const OPEN_AT_FIRST = 64;

/** The generator could not keep its own schedule; what it saw says nothing about the server. */
export class ScheduleMissed extends Error {
  override readonly name = 'ScheduleMissed';
}

/**
 * Drives one load in this process, which should do nothing else (`runLoad` gives it one of its own).
 * Rejects with RangeError for a plan that cannot be run, `ScheduleMissed` where the open loop was late, Error where the
 * server takes no connections.
 */
export async function generate(plan: LoadPlan, onProgress: (progress: Progress) => void = () => undefined): Promise<LoadReport> {
  assertPlan(plan);
  const source = await loadSource(plan.source.module, plan.source.options);
  return new Run(plan, source).go(onProgress);
}

class Run {
  readonly #plan: LoadPlan;
  readonly #source: RequestSource;
  readonly #tally: Tally;
  /** Of the warm-up, and told to nobody: the first of all answers takes milliseconds to be counted, in which nothing else leaves. */
  readonly #warming = new Tally(Infinity);
  readonly #pool: Pool;
  readonly #loop: Loop;
  readonly #over = deferred();
  readonly #timers: NodeJS.Timeout[] = [];
  /** Nobody wakes who waits for it. */
  readonly #never = new Int32Array(new SharedArrayBuffer(4));
  readonly #measuredFromMicros: number;
  #startedAt: number | undefined;
  #scheduleOver = false;
  /** When the event loop came to the first of the answers that it found; undefined between two such turns. */
  #foundMicros: number | undefined;
  #answered = 0;
  #lost = 0;
  #waited = 0;
  #opened: Mark | undefined;
  #closed: Mark | undefined;

  constructor(plan: LoadPlan, source: RequestSource) {
    this.#plan = plan;
    this.#source = source;
    this.#tally = new Tally((plan.sloMs ?? Infinity) * 1000);
    this.#measuredFromMicros = (plan.warmupSeconds ?? 0) * 1e6;
    this.#loop = this.#makeLoop();
    this.#pool = new Pool(plan.url, plan.connections, {
      answered: (request, status, body) => this.#answer(request, status, body),
      free: () => this.#free(),
      lost: (request, why) => {
        this.#lost++;
        this.#tally.fault(request.sequence, `its connection ended without an answer (${why})`);
      },
      broken: (why) => this.#over.reject(new Error(why)),
    });
  }

  async go(onProgress: (progress: Progress) => void): Promise<LoadReport> {
    try {
      const { load, connections } = this.#plan;
      await this.#pool.open(load.kind === 'closed' ? connections : OPEN_AT_FIRST);
      this.#startedAt = performance.now();
      this.#timers.push(setInterval(() => onProgress(this.#progress()), PROGRESS_EVERY_MS));
      this.#mark(); // for nothing: the first one is cold code, and takes milliseconds
      this.#openWindow();
      this.#loop.start();
      await this.#over.promise;
      onProgress(this.#progress());
      return this.#report();
    } finally {
      for (const timer of this.#timers) clearTimeout(timer);
      this.#pool.close();
    }
  }

  #now(): number {
    return (performance.now() - (this.#startedAt ?? 0)) * 1000;
  }

  #makeLoop(): Loop {
    const { load, seconds = Infinity, requests = Infinity } = this.#plan;
    const bounds = { endMicros: seconds * 1e6, requests };
    const ports: LoopPorts = {
      now: () => this.#now(),
      send: (sequence, fromMicros) => this.#pool.send({ sequence, fromMicros, leftMicros: this.#now() }, this.#source),
      finished: () => this.#finish(),
    };
    if (load.kind === 'closed') return closedLoop(bounds, ports);
    const draw = random(this.#plan.seed ?? DEFAULT_SEED);
    return openLoop(bounds, gaps(load.arrivals, load.ratePerSecond, draw), {
      ...ports,
      // While it warms up, code that is not compiled yet is late; nothing of that is measured.
      late: (micros) => this.#tallyOf(this.#now() - micros).late(micros),
      nap: (micros) => { Atomics.wait(this.#never, 0, 0, micros / 1000); },
      waited: () => { if (this.#now() >= this.#measuredFromMicros) this.#waited++; },
    });
  }

  #tallyOf(momentMicros: number): Tally {
    return momentMicros < this.#measuredFromMicros ? this.#warming : this.#tally;
  }

  #openWindow(): void {
    const open = (): void => this.#orReject(() => { this.#opened = this.#mark(); });
    if (this.#measuredFromMicros === 0) open();
    else this.#timers.push(setTimeout(open, this.#measuredFromMicros / 1000));
  }

  #mark(): Mark {
    return mark(this.#now(), this.#answered, this.#plan.watchPids ?? []);
  }

  #answer(request: UnderWay, status: number, body: Buffer): void {
    this.#answered++;
    const fault = this.#source.check?.(request.sequence, status, body);
    if (fault !== undefined) this.#tally.fault(request.sequence, fault);
    this.#tallyOf(request.fromMicros).answer(status, { ...request, latencyMicros: this.#found() - request.fromMicros }, body);
  }

  /**
   * Answers that one turn of the event loop finds had all come when it began: a batch's twenty are not later for being read one after
   * another here, as no application reads them.
   */
  #found(): number {
    if (this.#foundMicros === undefined) {
      this.#foundMicros = this.#now();
      setImmediate(() => { this.#foundMicros = undefined; });
    }
    return this.#foundMicros;
  }

  #free(): void {
    if (this.#startedAt === undefined) return;
    this.#loop.free();
    this.#endIfDone();
  }

  /** The schedule is over: the window closes, and the last answers have their time to come. */
  #finish(): void {
    this.#scheduleOver = true;
    this.#orReject(() => { this.#closed = this.#mark(); });
    this.#timers.push(setTimeout(() => this.#over.resolve(), this.#plan.answerTimeoutMs ?? DEFAULT_ANSWER_TIMEOUT_MS));
    this.#endIfDone();
  }

  #endIfDone(): void {
    if (this.#scheduleOver && this.#pool.underWay + this.#loop.waiting === 0) this.#over.resolve();
  }

  #orReject(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#over.reject(error);
    }
  }

  #progress(): Progress {
    return { seconds: this.#now() / 1e6, sent: this.#loop.sent, answered: this.#answered };
  }

  #report(): LoadReport {
    if (this.#opened === undefined || this.#closed === undefined) throw new RangeError('the run ended within its warm-up');
    this.#assertSchedule();
    const window = between(this.#opened, this.#closed, this.#plan.watchPids ?? []);
    return {
      mode: this.#plan.load.kind,
      connections: this.#plan.connections,
      seed: this.#plan.seed ?? DEFAULT_SEED,
      sent: this.#loop.sent,
      answered: this.#answered,
      lost: this.#lost,
      unanswered: this.#pool.underWay + this.#loop.waiting,
      unsolicited: this.#pool.unsolicited,
      waitedForConnection: this.#waited,
      ...window,
      ...this.#tally.summary(window.seconds),
      source: this.#source.report?.() ?? {},
    };
  }

  #assertSchedule(): void {
    const most = this.#plan.maxLatenessMicros ?? DEFAULT_MAX_LATENESS_MICROS;
    const late = this.#tally.latenessMicros;
    if (late.p99 > most) {
      throw new ScheduleMissed(`1 % of the requests left ${late.p99} µs or more after their moment (${most} allowed): the generator could not keep its schedule; ask for a lower rate`);
    }
    if (this.#plan.mayWait !== true && this.#waited > this.#loop.sent * MAX_WAITED_SHARE) {
      throw new ScheduleMissed(`${this.#waited} of ${this.#loop.sent} requests found none of the ${this.#plan.connections} connections free: give more connections`);
    }
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

function deferred(): Deferred {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  promise.catch(() => undefined); // it may fail before `go` waits for it
  return { promise, resolve: () => resolve(), reject: (error) => reject(error) };
}
