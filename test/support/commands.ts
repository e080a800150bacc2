import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { BrokerProcess } from './broker-process.ts';
import { tradewind, type Ended } from './tradewind-command.ts';

/** Commands as processes, with the state folder of a broker that a test has. */
export class Commands {
  readonly #broker: BrokerProcess;

  constructor(broker: BrokerProcess) {
    this.#broker = broker;
  }

  run(...args: readonly string[]): Promise<Ended> {
    return tradewind(args, { cwd: this.#broker.folder, env: this.env }).ended;
  }

  get env(): Readonly<Record<string, string>> {
    return { TRADEWIND_STATE_DIR: join(this.#broker.folder, 'state') };
  }

  /** What it said, having done what it was told. */
  async said(...args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.run(...args);
    assert.deepEqual([code, err], [0, ''], `${args.join(' ')}: ${out}`);
    return out;
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.said(...args, '--json')) as T;
  }

  /** Not 0, with one message and no trace. */
  async refused(code: number, says: RegExp, ...args: readonly string[]): Promise<void> {
    const ended = await this.run(...args);
    assert.equal(ended.code, code, `${args.join(' ')}: ${ended.out}${ended.err}`);
    assert.match(ended.err, says);
    assert.doesNotMatch(ended.err, /^\s+at /mu);
  }
}
