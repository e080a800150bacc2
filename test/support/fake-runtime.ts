import type { Signature } from '../../frontend/domain/model.ts';
import type { DeathCause, ReplicaFacts, ReplicaRun, ReplicaStart, ReplicaWatcher, Runtime } from '../../frontend/domain/runtime.ts';
import { FakeReplica } from './fake-replica.ts';

/** One life that a fake runtime began: the test says what becomes of it. */
export class FakeLife {
  readonly start: ReplicaStart;
  readonly watcher: ReplicaWatcher;
  readonly link: FakeReplica;
  killed: string | undefined;
  #over = false;

  constructor(start: ReplicaStart, watcher: ReplicaWatcher) {
    this.start = start;
    this.watcher = watcher;
    this.link = new FakeReplica(start.id);
  }

  /** Says hello; false where it was refused. */
  hello(signature: Signature = this.link.signature): boolean {
    const facts: ReplicaFacts = { pid: 1, signature, maxBatch: 1, about: {} };
    const refusal = this.watcher.judge(facts);
    if (refusal !== undefined) {
      this.watcher.refused(refusal);
      return false;
    }
    this.watcher.ready(Object.assign(this.link, { signature }), facts);
    return true;
  }

  end(message = 'exited with code 0', cause: DeathCause = 'exited'): void {
    if (this.#over) throw new Error(`${this.start.id} ended twice`);
    this.#over = true;
    this.watcher.ended({ message, cause });
  }
}

/** A runtime without processes. */
export class FakeRuntime implements Runtime {
  readonly lives: FakeLife[] = [];

  start(start: ReplicaStart, watcher: ReplicaWatcher): ReplicaRun {
    const life = new FakeLife(start, watcher);
    const pid = this.lives.push(life);
    watcher.started(pid);
    return { pid: () => pid, kill: (why) => void (life.killed ??= why), output: () => [`output of ${start.id}`] };
  }

  /** The lives begun since the last call. */
  begun(): FakeLife[] {
    return this.lives.splice(0);
  }
}
