import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { random, type Random } from '../load/random.ts';

const APPS = ['steady', 'churn', 'learn'] as const;
const THINK_MS = 4;
const LIMIT_MS = 90_000;
/** What a query may be answered with, beside 200, while the broker serves: by status. */
const REFUSALS: Readonly<Record<string, readonly number[]>> = { steady: [], learn: [], churn: [404] };

/** Where the broker is now, and whether it is meant to serve. */
export interface Target {
  readonly url: string;
  /** Rises each time it comes or goes. */
  readonly epoch: number;
  readonly serves: boolean;
}

/** What came of one decision's reward. */
export type Fate = 'acknowledged' | 'unsure';

/** What the clients saw. */
export interface Ledger {
  answered: number;
  models: number;
  defaults: number;
  /** Requests that a death of the broker cut off. */
  cutOff: number;
  readonly rewards: Map<string, Fate>;
  readonly faults: string[];
}

/** Callers who go on whatever happens, and hold every answer against what was asked. */
export class Clients {
  readonly ledger: Ledger = { answered: 0, models: 0, defaults: 0, cutOff: 0, rewards: new Map(), faults: [] };
  readonly #target: () => Target;
  readonly #running: Promise<void>[];
  #over = false;

  constructor(count: number, seed: number, target: () => Target) {
    this.#target = target;
    this.#running = Array.from({ length: count }, (_, i) => this.#run(random(seed * 1000 + i)));
  }

  /** Each has the answer to its last question. */
  async end(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#running);
  }

  async #run(draw: Random): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.#over) {
      const target = this.#target();
      if (target.serves) await this.#question(draw, agent, target);
      await new Promise((resolve) => setTimeout(resolve, THINK_MS));
    }
    agent.destroy();
  }

  async #question(draw: Random, agent: Agent, target: Target): Promise<void> {
    const app = APPS[Math.floor(draw() * APPS.length)] ?? 'steady';
    const row = [Math.floor(draw() * 100), Math.floor(draw() * 100), Math.floor(draw() * 4)];
    const reply = await post(agent, `${target.url}/v1/apps/${app}/predict`, { input: row });
    const steady = this.#target().epoch === target.epoch;
    if (typeof reply === 'string') return this.#lost(steady, `${app}: ${reply}`);
    this.ledger.answered++;
    const fault = this.#judge(app, row, reply, steady);
    if (fault !== undefined) this.#fault(`${app} ${JSON.stringify(row)}: ${fault}`);
    const { decision_id: decision } = reply.body as { decision_id?: string };
    if (app === 'learn' && reply.status === 200 && decision !== undefined && draw() < 0.5) await this.#reward(agent, target, decision, draw() < 0.5 ? 1 : 0);
  }

  #judge(app: string, row: readonly number[], { status, body }: Reply, steady: boolean): string | undefined {
    if (status !== 200) {
      if (!steady && (status === 503 || status === 504)) return undefined;
      return REFUSALS[app]?.includes(status) === true ? undefined : `${status} ${JSON.stringify(body)}`;
    }
    const { source, output, reason } = body as { source?: string; output?: unknown; reason?: string };
    if (source === 'model') {
      this.ledger.models++;
      const sum = row.reduce((all, n) => all + n, 0);
      return output === sum ? undefined : `answered ${JSON.stringify(output)}, not ${sum}`;
    }
    this.ledger.defaults++;
    if (output !== -1) return `the default is ${JSON.stringify(output)}`;
    return app === 'churn' || !steady ? undefined : `a default, ${reason ?? ''}, though nothing was done to its model`;
  }

  async #reward(agent: Agent, target: Target, decision: string, reward: number): Promise<void> {
    this.ledger.rewards.set(decision, 'unsure');
    const reply = await post(agent, `${target.url}/v1/feedback`, { decision_id: decision, reward });
    if (typeof reply === 'string') return this.#lost(this.#target().epoch === target.epoch, `feedback: ${reply}`);
    if (reply.status === 202 || reply.status === 200) this.ledger.rewards.set(decision, 'acknowledged');
    else if (this.#target().epoch === target.epoch) this.#fault(`feedback: ${reply.status} ${JSON.stringify(reply.body)}`);
  }

  #lost(steady: boolean, what: string): void {
    if (steady) this.#fault(`${what}, while the broker served`);
    else this.ledger.cutOff++;
  }

  #fault(what: string): void {
    this.ledger.faults.push(what);
  }
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** A string: no answer came, and why. */
export function post(agent: Agent | false, url: string, body: unknown): Promise<Reply | string> {
  return new Promise((resolve) => {
    const call = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json' } }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(said) as unknown }), (error: unknown) => resolve(String(error)));
    });
    call.setTimeout(LIMIT_MS, () => call.destroy(new Error(`no answer within ${LIMIT_MS / 1000} s`)));
    call.on('error', (error) => resolve(error.message));
    call.end(JSON.stringify(body));
  });
}
