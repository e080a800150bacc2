import { ARRIVALS, type Arrivals } from './arrivals.ts';

/** One run of the generator; plain data, so that it can be sent to the generator's own process. */
export interface LoadPlan {
  /** Where the server is: `http://127.0.0.1:8000`. The path is the source's matter. */
  readonly url: string;
  /** A module that exports `createSource`, by file URL, and what to give it. */
  readonly source: { readonly module: string; readonly options: unknown };
  /** Keep-alive connections. Closed loop: each has one request under way at all times. Open loop: the most at once. */
  readonly connections: number;
  readonly load:
    | { readonly kind: 'closed' }
    | { readonly kind: 'open'; readonly arrivals: Arrivals; readonly ratePerSecond: number };
  /** Ends after so long, warm-up included, or after so many requests, whichever is first; at least one is given. */
  readonly seconds?: number;
  readonly requests?: number;
  /** Requests of the first seconds are sent and checked, but not measured; 0 unless given. */
  readonly warmupSeconds?: number;
  readonly seed?: number;
  /** Answers of a model within this time, from the intended moment on, are goodput; any time unless given. */
  readonly sloMs?: number;
  /** Processes whose CPU time over the measured window is reported. */
  readonly watchPids?: readonly number[];
  /** How long to wait for the last answers; 5000 unless given. */
  readonly answerTimeoutMs?: number;
  /** The open loop reports also where requests found no connection free: a server that stands still for long. They count from their moment all the same. */
  readonly mayWait?: boolean;
  /** The open loop refuses to report when 1 % of its requests left later than this after their moment; 1000 unless given. */
  readonly maxLatenessMicros?: number;
  /** The generator's process leads a session of its own, before what else the machine does, where the system lets it (`comeFirst`). */
  readonly comesFirst?: boolean;
}

/** Refuses what cannot be run, with every fault in one message. */
export function assertPlan(plan: LoadPlan): void {
  const faults: string[] = [];
  const positive = (name: string, value: number | undefined): void => {
    if (value !== undefined && !(value > 0 && Number.isFinite(value))) faults.push(`${name} must be a positive number, not ${value}`);
  };
  if (!URL.canParse(plan.url) || new URL(plan.url).protocol !== 'http:') faults.push(`url must be http://HOST:PORT, not ${plan.url}`);
  if (!Number.isInteger(plan.connections) || plan.connections < 1 || plan.connections > 10_000) {
    faults.push(`connections must be a whole number from 1 to 10000, not ${plan.connections}`);
  }
  if (plan.seconds === undefined && plan.requests === undefined) faults.push('seconds or requests must be given');
  positive('seconds', plan.seconds);
  positive('requests', plan.requests);
  positive('sloMs', plan.sloMs);
  if (plan.load.kind === 'open') {
    positive('ratePerSecond', plan.load.ratePerSecond);
    if (!ARRIVALS.includes(plan.load.arrivals)) faults.push(`arrivals must be one of ${ARRIVALS.join(', ')}, not ${plan.load.arrivals}`);
  }
  if ((plan.warmupSeconds ?? 0) >= (plan.seconds ?? Infinity)) faults.push('warmupSeconds must be less than seconds');
  if (faults.length > 0) throw new RangeError(faults.join('; '));
}
