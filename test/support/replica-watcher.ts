import type { ReplicaLink } from '../../frontend/domain/replica.ts';
import type { Refusal, ReplicaEnd, ReplicaFacts, ReplicaWatcher } from '../../frontend/domain/runtime.ts';

/** A watcher that writes down what it is told; `next` settles with the next thing. */
export class RecordingWatcher implements ReplicaWatcher {
  readonly told: string[] = [];
  link: ReplicaLink | undefined;
  facts: ReplicaFacts | undefined;
  verdict: Refusal | undefined;
  #waiting: (() => void)[] = [];

  /** Resolves once `what` has been told. */
  async until(what: string | RegExp): Promise<string> {
    for (;;) {
      const found = this.told.find((one) => (typeof what === 'string' ? one === what : what.test(one)));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Not told of with the rest: when it comes is the machine's affair. */
  pid: number | undefined;
  started(pid: number): void {
    this.pid = pid;
    this.#wake();
  }
  /** Resolves once its process runs. */
  async untilStarted(): Promise<number> {
    while (this.pid === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.pid;
  }
  judge(facts: ReplicaFacts): Refusal | undefined {
    this.facts = facts;
    return this.verdict;
  }
  ready(link: ReplicaLink): void {
    this.link = link;
    this.#tell(`ready ${link.id}`);
  }
  refused({ code }: Refusal): void {
    this.#tell(`refused ${code}`);
  }
  noted({ code }: Refusal): void {
    this.#tell(`noted ${code}`);
  }
  heartbeat(): void {
    this.#tell('heartbeat');
  }
  watchdogLost(why: string): void {
    this.#tell(`watchdog lost: ${why}`);
  }
  credit(link: ReplicaLink): void {
    this.#tell(`credit ${link.credits}`);
  }
  closed(_: ReplicaLink, why: string): void {
    this.#tell(`closed: ${why}`);
  }
  ended({ message }: ReplicaEnd): void {
    this.#tell(`ended: ${message}`);
  }

  #tell(what: string): void {
    this.told.push(what);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
