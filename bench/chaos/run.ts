import { setTimeout as delay } from 'node:timers/promises';
import { random, type Random } from '../load/random.ts';
import { waitUntilReady } from '../demo/broker-process.ts';
import { ChaosBroker } from './broker.ts';
import { Clients, post, type Ledger, type Target } from './clients.ts';
import { ask } from './control.ts';
import { drawOperation, type Change, type Operation } from './operations.ts';
import { NOTHING_WANTED, wantedIn, wantedText, type Wanted } from './wanted.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly clients: number;
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly operations: Readonly<Record<string, number>>;
  readonly acknowledged: number;
  readonly refused: number;
  readonly brokerLives: number;
  readonly answered: number;
  readonly models: number;
  readonly defaults: number;
  readonly cutOff: number;
  readonly rewards: number;
  /** Rewards whose acknowledgement a death cut off. */
  readonly unsureRewards: number;
  readonly faults: readonly string[];
}

const MOST_GAP_MS = 300;
const SETTLE_MS = 30_000;
/** Beyond what a broker at rest has open: connections that are on their way out. */
const MOST_OPEN_FILES = 160;
const MOST_FAULTS = 20;

/** Random operations, deaths and load on a real broker, from one seed; what must hold is looked at from outside. */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const broker = new ChaosBroker();
  const run = new ChaosRun(broker, options);
  try {
    const result = await run.run();
    // What the broker itself says of it, which its folder takes along.
    if (result.faults.length > 0) for (const line of broker.troubles()) options.say(line);
    return result;
  } catch (thrown) {
    throw new Error(`${(thrown as Error).message}\n${broker.log.slice(-20).join('\n')}`, { cause: thrown });
  } finally {
    await broker.remove();
  }
}

class ChaosRun {
  readonly #broker: ChaosBroker;
  readonly #options: ChaosOptions;
  readonly #draw: Random;
  readonly #faults: string[] = [];
  readonly #operations = new Map<string, number>();
  #wanted: Wanted = NOTHING_WANTED;
  #target: Target = { url: '', epoch: 0, serves: false };
  #acknowledged = 0;
  #refused = 0;

  constructor(broker: ChaosBroker, options: ChaosOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#draw = random(options.seed);
  }

  async run(): Promise<ChaosResult> {
    const { minutes, clients: count, seed, say } = this.#options;
    await this.#begin();
    const clients = new Clients(count, seed, () => this.#target);
    const endAt = Date.now() + minutes * 60_000;
    for (let sayAt = Date.now() + 10_000; Date.now() < endAt && this.#faults.length + clients.ledger.faults.length < MOST_FAULTS;) {
      await this.#do(drawOperation(this.#draw));
      await delay(this.#draw() * MOST_GAP_MS);
      if (Date.now() < sayAt) continue;
      sayAt += 10_000;
      say(`${this.#acknowledged} changes, ${clients.ledger.answered} answers, ${this.#broker.lives} lives, ${this.#faults.length + clients.ledger.faults.length} faults`);
    }
    await clients.end();
    await this.#judgeRewards(clients.ledger);
    await this.#judgeEnd();
    const { answered, models, defaults, cutOff, rewards, faults } = clients.ledger;
    return {
      operations: Object.fromEntries([...this.#operations].toSorted(([a], [b]) => (a < b ? -1 : 1))), acknowledged: this.#acknowledged, refused: this.#refused, brokerLives: this.#broker.lives,
      answered, models, defaults, cutOff, rewards: rewards.size, unsureRewards: [...rewards.values()].filter((fate) => fate === 'unsure').length, faults: [...this.#faults, ...faults].slice(0, MOST_FAULTS),
    };
  }

  async #do(operation: Operation): Promise<void> {
    this.#operations.set(operation.name, (this.#operations.get(operation.name) ?? 0) + 1);
    switch (operation.kind) {
      case 'change': return this.#change(operation);
      case 'apply': return this.#apply(operation);
      case 'both': return this.#both(operation);
      case 'kill container': return this.#killContainer(operation.draw);
      case 'kill broker': return this.#killBroker(operation.during);
      case 'stop broker': return this.#stopBroker();
    }
  }

  async #change(change: Change): Promise<void> {
    const answered = await ask(this.#broker.socketPath, change.method, change.path, { body: change.body });
    if (answered === undefined) return this.#fault(`${change.name}: no answer`);
    if (answered.status === 200) {
      this.#acknowledged++;
      this.#wanted = change.after(this.#wanted);
    } else if (change.refusals.includes(answered.status)) this.#refused++;
    else this.#fault(`${change.name} ${change.path}: ${answered.status} ${JSON.stringify(answered.body)}`);
    await this.#judgeWanted(change.name, [this.#wanted]);
  }

  async #apply({ config, filed, name }: Extract<Operation, { kind: 'apply' }>): Promise<void> {
    const answered = await ask(this.#broker.socketPath, 'POST', '/apply', { body: { path: this.#broker.configFile, content: JSON.stringify(config), dryRun: false } });
    if (answered?.status !== 200 || (answered.body as { ok?: boolean }).ok !== true) return this.#fault(`${name}: ${JSON.stringify(answered)}`);
    this.#acknowledged++;
    this.#wanted = { ...this.#wanted, filed };
    await this.#judgeWanted(name, [this.#wanted]);
  }

  async #both({ first, second, name }: Extract<Operation, { kind: 'both' }>): Promise<void> {
    const state = await ask(this.#broker.socketPath, 'GET', '/admin/state');
    const ifMatch = `"${(state?.body as { revision?: number } | undefined)?.revision ?? 0}"`;
    const before = this.#wanted;
    const answers = await Promise.all([first, second].map((change) => ask(this.#broker.socketPath, change.method, change.path, { body: change.body, ifMatch })));
    // Whichever came first; what changes nothing leaves the etag as it was, and so both may be taken.
    const taken = [first, second].filter((_, i) => answers[i]?.status === 200);
    const [only, other] = taken;
    const possible = [before];
    if (only !== undefined) possible.push(only.after(before));
    if (only !== undefined && other !== undefined) possible.push(other.after(before), other.after(only.after(before)), only.after(other.after(before)));
    for (const [i, answer] of answers.entries()) {
      const { refusals = [], name: what = '' } = [first, second][i] ?? {};
      if (answer === undefined || (answer.status !== 200 && answer.status !== 412 && !refusals.includes(answer.status))) this.#fault(`${what}: ${JSON.stringify(answer)}`);
    }
    this.#acknowledged += taken.length;
    this.#refused += 2 - taken.length;
    await this.#judgeWanted(name, possible);
  }

  async #killContainer(draw: number): Promise<void> {
    const { models = [] } = ((await ask(this.#broker.socketPath, 'GET', '/admin/models'))?.body ?? {}) as { models?: { name: string; versions: { status?: { replicas: { pid?: number }[] } }[] }[] };
    const pids = models.filter(({ name }) => name === 'churn').flatMap(({ versions }) => versions).flatMap(({ status }) => status?.replicas ?? []).flatMap(({ pid }) => pid ?? []);
    const pid = pids[Math.floor(draw * pids.length)];
    if (pid === undefined) return;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was about to go anyway.
    }
  }

  /** Whether the change was made nobody knows; but it was made whole, or not at all. */
  async #killBroker(during: Change): Promise<void> {
    this.#leave();
    const asked = ask(this.#broker.socketPath, during.method, during.path, { body: during.body });
    await delay(this.#draw() * 5);
    await this.#broker.kill();
    const answered = await asked;
    const after = during.after(this.#wanted);
    const possible = answered === undefined ? [this.#wanted, after] : [answered.status === 200 ? after : this.#wanted];
    await this.#begin();
    // The file of the start wins for its names.
    await this.#judgeWanted(`${during.name}, killed`, possible.map((wanted) => ({ ...wanted, filed: false })));
  }

  async #stopBroker(): Promise<void> {
    this.#leave();
    const code = await this.#broker.stop();
    if (code !== 0) this.#fault(`the broker ended with ${code} when it was asked to stop`);
    const left = this.#broker.processes();
    if (left.length > 0) this.#fault(`a broker that stopped left ${left.length} processes`);
    await this.#begin();
    await this.#judgeWanted('stop', [{ ...this.#wanted, filed: false }]);
  }

  async #begin(): Promise<void> {
    await this.#broker.start();
    this.#target = { url: this.#broker.url, epoch: this.#target.epoch + 1, serves: true };
  }

  #leave(): void {
    this.#target = { ...this.#target, epoch: this.#target.epoch + 1, serves: false };
  }

  /** What the broker wants is one of these, and it is that from now on. */
  async #judgeWanted(what: string, possible: readonly Wanted[]): Promise<void> {
    const state = await ask(this.#broker.socketPath, 'GET', '/admin/state');
    if (state?.status !== 200) return this.#fault(`${what}: the state cannot be read: ${JSON.stringify(state)}`);
    const found = wantedIn(state.body);
    const texts = possible.map(wantedText);
    if (!texts.includes(wantedText(found))) this.#fault(`${what}: wanted is ${wantedText(found)}, not ${[...new Set(texts)].join(' or ')}`);
    this.#wanted = found;
  }

  /** Each reward that was acknowledged counts once, and each that nobody knows of once at most. */
  async #judgeRewards({ rewards }: Ledger): Promise<void> {
    for (const [decision, fate] of rewards) {
      const reply = await post(false, `${this.#broker.url}/v1/feedback`, { decision_id: decision, reward: 1 });
      const said = typeof reply === 'string' ? reply : JSON.stringify(reply.body);
      const known = /"repeated"/u.test(said);
      if (fate === 'acknowledged' && !known) this.#fault(`an acknowledged reward was lost: ${said}`);
      if (!known && !/"accepted"/u.test(said)) this.#fault(`a reward is neither there nor taken: ${said}`);
    }
    const view = await ask(this.#broker.socketPath, 'GET', '/admin/apps/learn/selection');
    const { arms = [] } = (view?.body ?? {}) as { arms?: { reward?: { weight: number } }[] };
    const counted = arms.reduce((sum, { reward }) => sum + (reward?.weight ?? 0), 0);
    if (Math.round(counted) !== rewards.size) this.#fault(`the policy has counted ${counted} rewards, of ${rewards.size} that were given`);
  }

  /** Once all is quiet, what is wanted runs; and once the broker has stopped, nothing is left. */
  async #judgeEnd(): Promise<void> {
    await waitUntilReady(this.#broker.url);
    const wanted = 3 + [...this.#wanted.versions.values()].reduce((sum, replicas) => sum + replicas, 0) + (this.#wanted.filed ? 1 : 0);
    const giveUpAt = Date.now() + SETTLE_MS;
    while (this.#broker.processes().length !== wanted && Date.now() < giveUpAt) await delay(100);
    const running = this.#broker.processes().length;
    if (running !== wanted) this.#fault(`${running} replicas run, and ${wanted} are wanted: ${wantedText(this.#wanted)}`);
    const openFiles = this.#broker.openFiles();
    if (openFiles > MOST_OPEN_FILES) this.#fault(`the broker has ${openFiles} files open at rest`);
    const code = await this.#broker.stop();
    if (code !== 0) this.#fault(`the broker ended with ${code}`);
    const left = [...this.#broker.processes().map((pid) => `process ${pid}`), ...this.#broker.sockets()];
    if (left.length > 0) this.#fault(`left behind: ${left.join(', ')}`);
  }

  #fault(what: string): void {
    this.#faults.push(what);
    this.#options.say(`fault: ${what}`);
  }
}
