import type { Hello } from '../../protos/wire.ts';
import type { Address } from './address.ts';
import { formatAddress } from './address.ts';
import type { JobContext, Tamper } from './batch-job.ts';
import { BatchJob } from './batch-job.ts';
import { CreditShare } from './credit-share.ts';
import type { Environment } from './environment.ts';
import { StartError } from './environment.ts';
import { Executor } from './executor.ts';
import { Stacks } from './failure.ts';
import type { Link, LinkEvents } from './link.ts';
import { dial, listen } from './link.ts';
import type { Predict, ServeOptions } from './predict.ts';
import { ReplyPlanner } from './reply-planner.ts';
import type { SessionEvents } from './session.ts';
import { Session } from './session.ts';
import type { Watchdog } from './watchdog.ts';

export interface ServiceParts {
  readonly environment: Environment;
  readonly hello: Hello;
  readonly options: ServeOptions;
  readonly predict: Predict;
  readonly watchdog: Watchdog;
  readonly tamper: Tamper | undefined;
}

const MAX_LINKS = 64;
const WELCOME_MS = 10_000;
const FIRST_REDIAL_MS = 100;
const LAST_REDIAL_MS = 5000;

/**
 * A container at work: its brokers' sessions over one executor and one share of credits. It ends, with exit code 0, once
 * it is drained by its only broker or told to by SIGTERM; with 1 when it is owned and its broker is gone. A container that
 * listens, or dials several brokers, outlives each of them; one that was not started by its broker dials again.
 */
export class Service {
  readonly #parts: ServiceParts;
  readonly #executor = new Executor();
  readonly #credits: CreditShare<Session>;
  readonly #sessions = new Set<Session>();
  readonly #context: JobContext;
  #leaving = false;

  constructor(parts: ServiceParts) {
    const { environment, options } = parts;
    const brokers = Math.max(1, environment.connect.length);
    const maxInFlight = options.maxInFlight ?? brokers;
    if (!Number.isSafeInteger(maxInFlight) || maxInFlight < brokers) throw new StartError(`maxInFlight ${maxInFlight} is not an integer of at least ${brokers}, one for each broker`);
    this.#parts = parts;
    this.#credits = new CreditShare<Session>(maxInFlight, brokers);
    this.#context = {
      predict: parts.predict,
      inputs: options.inputs,
      outputs: options.outputs,
      maxBatch: options.maxBatch ?? Infinity,
      planner: new ReplyPlanner(),
      tamper: parts.tamper,
      stacks: new Stacks(),
      settle: (session) => this.#settle(session),
    };
  }

  async start(): Promise<void> {
    const { environment } = this.#parts;
    process.once('SIGTERM', () => this.#leave());
    for (const address of environment.connect) this.#dial(address, FIRST_REDIAL_MS);
    if (environment.listen === undefined) return;
    await listen(environment.listen, MAX_LINKS, () => this.#events(() => {}));
  }

  #dial(address: Address, redialMs: number): void {
    let served = false;
    const events = this.#events((why) => {
      this.#parts.watchdog.forget(address);
      if (this.#leaving) return;
      if (this.#parts.environment.owned) this.#brokerGone(`the broker at ${formatAddress(address)} is gone (${why})`);
      else setTimeout(() => this.#dial(address, served ? FIRST_REDIAL_MS : Math.min(redialMs * 2, LAST_REDIAL_MS)), redialMs);
    }, () => {
      served = true;
      this.#parts.watchdog.watch(address, { ...this.#identity(), role: 'watchdog' });
    });
    dial(address, events);
  }

  /** The events of one connection; `over` is called once it has closed. */
  #events(over: (why: string) => void, welcomed: () => void = () => {}): LinkEvents {
    let link: Link | undefined;
    let session: Session | undefined;
    let silence: NodeJS.Timeout | undefined;
    let reason: string | undefined;
    const events: SessionEvents = {
      welcomed: (one) => {
        clearTimeout(silence);
        const n = this.#credits.join(one);
        if (n > 0) one.grant(n);
        welcomed();
      },
      batch: (one, work) => this.#executor.submit(new BatchJob(one, work, this.#context)),
      drain: (one) => {
        if (this.#endsWithBroker()) this.#leave();
        else one.finish();
      },
    };
    return {
      opened: (opened) => {
        link = opened;
        session = new Session(opened, this.#parts.hello, events);
        this.#sessions.add(session);
        silence = setTimeout(() => {
          reason = `no welcome within ${WELCOME_MS} ms`;
          link?.end();
        }, WELCOME_MS);
      },
      frame: (frame) => session?.receive(frame),
      malformed: (error) => {
        reason = error.message;
        session?.leave('protocol_error', error.message);
      },
      closed: (why) => {
        clearTimeout(silence);
        if (session !== undefined) this.#closed(session);
        if (this.#leaving && this.#sessions.size === 0) process.exit(0);
        over(reason ?? session?.farewell ?? why);
      },
    };
  }

  #closed(session: Session): void {
    session.closed();
    this.#sessions.delete(session);
    this.#spread(this.#credits.leave(session, session.underWay));
  }

  /** Credits that a finished batch sets free: the session's own go into its done frame, others are granted at once. */
  #settle(session: Session): number {
    let own = 0;
    for (const { broker, n } of this.#credits.done(session)) {
      if (broker === session) own += n;
      else broker.grant(n);
    }
    return own;
  }

  #spread(grants: readonly { readonly broker: Session; readonly n: number }[]): void {
    for (const { broker, n } of grants) broker.grant(n);
  }

  /** Whether one broker's drain is the end of the whole container. */
  #endsWithBroker(): boolean {
    const { environment } = this.#parts;
    return environment.owned || (environment.listen === undefined && environment.connect.length === 1);
  }

  #identity(): Hello {
    const { wire, model, version, pid, token, role } = this.#parts.hello;
    return { wire, role, model, version, pid, ...(token !== undefined && { token }) };
  }

  /** Each broker gets the replies of its batches under way and a goodbye; the process ends when the last connection has. */
  #leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#parts.watchdog.leave();
    if (this.#sessions.size === 0) process.exit(0);
    for (const session of this.#sessions) session.finish();
  }

  #brokerGone(why: string): void {
    process.stderr.write(`tradewind container: ${why}\n`);
    process.exit(1);
  }
}
