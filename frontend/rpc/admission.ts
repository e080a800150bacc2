import type { Frame, Hello, TensorSpec, Welcome } from '../../protos/wire.ts';
import { FRAME, WIRE_VERSION, controlFrame } from '../../protos/wire.ts';
import type { ExpectedReplica, Refusal, ReplicaFacts, ReplicaWatcher } from '../domain/runtime.ts';
import type { SlabHolder } from './batch-encoder.ts';
import type { Connection } from './connection.ts';
import { FrameLink } from './frame-link.ts';
import type { SendBuffers } from './send-buffers.ts';
import { SharedMemory } from './shared-memory.ts';

export interface AdmissionOptions {
  readonly buffers: SendBuffers;
  /** Who counts the slabs of queries: large batches then leave from where they lie. Without it they are copied. */
  readonly slabs?: SlabHolder;
  /** How often a watchdog shall say that it lives. */
  readonly heartbeatMs: number;
}

/** How the containers of an admission come. */
export interface Way {
  /** Over a Unix socket, and so on this machine: memory can be shared with them. */
  readonly unix: boolean;
}

/**
 * Who may come in as one life of one replica: one worker, and one watchdog of the same process, in either order.
 * The token has been checked, or the broker dialled; the rest of the hello is checked here.
 */
export class Admission {
  readonly expected: ExpectedReplica;
  readonly #watcher: ReplicaWatcher;
  readonly #options: AdmissionOptions & Way;
  #worker: Connection | undefined;
  #watchdog: Connection | undefined;
  #pid: number | undefined;
  #closed = false;

  constructor(expected: ExpectedReplica, watcher: ReplicaWatcher, options: AdmissionOptions & Way) {
    this.expected = expected;
    this.#watcher = watcher;
    this.#options = options;
  }

  get connected(): boolean {
    return this.#worker?.open === true || this.#watchdog?.open === true;
  }

  /** Welcomes the connection, or closes it with a goodbye that says why not; the watcher is told either way. */
  admit(connection: Connection, hello: Hello): void {
    // A watchdog that was dialled may come after its worker has gone; nobody would ever close it.
    if (this.#closed) return connection.close({ code: 'not_wanted', message: 'this life of the replica is over' });
    const refusal = this.#check(hello) ?? (hello.role === 'worker' ? this.#admitWorker(connection, hello) : this.#admitWatchdog(connection));
    if (refusal === undefined) return;
    connection.close(refusal);
    this.#watcher.refused(refusal);
  }

  close(why: string): void {
    this.#closed = true;
    this.#watchdog?.destroy(why);
    this.#worker?.destroy(why);
  }

  #check(hello: Hello): Refusal | undefined {
    const { model, version } = this.expected;
    if (hello.wire !== WIRE_VERSION) return { code: 'wrong_wire', message: `it speaks wire version ${hello.wire}, the broker ${WIRE_VERSION}` };
    if (hello.model !== model || hello.version !== version) {
      return { code: 'wrong_model', message: `it says that it is ${hello.model}@${hello.version}; ${model}@${version} was expected` };
    }
    if (this.#pid !== undefined && this.#pid !== hello.pid) {
      return { code: 'wrong_pid', message: `its ${hello.role} says process ${hello.pid}, its other connection ${this.#pid}` };
    }
    const taken = hello.role === 'worker' ? this.#worker : this.#watchdog;
    if (taken !== undefined) return { code: 'already_connected', message: `it has a ${hello.role} connection already` };
    return undefined;
  }

  #admitWorker(connection: Connection, hello: Hello): Refusal | undefined {
    const facts = factsOf(hello, this.expected);
    if ('code' in facts) return facts;
    const refusal = this.#watcher.judge(facts);
    if (refusal !== undefined) return refusal;
    this.#pid = hello.pid;
    this.#worker = connection;
    const memory = this.#options.unix ? SharedMemory.create() : undefined;
    const link = new FrameLink(this.expected.id, facts, connection, { events: this.#watcher, buffers: this.#options.buffers, slabs: this.#options.slabs, memory });
    connection.admit(link);
    this.#welcome(connection, memory);
    this.#watcher.ready(link, facts);
    return undefined;
  }

  #admitWatchdog(connection: Connection): undefined {
    this.#watchdog = connection;
    connection.admit({
      frame: (frame: Frame) => {
        if (frame.kind === FRAME.heartbeat) this.#watcher.heartbeat();
      },
      ended: (why) => {
        if (!this.#closed && this.#worker?.open !== false) this.#watcher.watchdogLost(why);
      },
    });
    this.#welcome(connection);
    this.#watcher.heartbeat();
  }

  #welcome(connection: Connection, memory?: SharedMemory): void {
    const welcome: Welcome = { wire: WIRE_VERSION, heartbeat_ms: this.#options.heartbeatMs, replica: this.expected.id, ...(memory && { shared: memory.offer }) };
    connection.send(controlFrame(FRAME.welcome, welcome));
  }
}

function factsOf(hello: Hello, expected: ExpectedReplica): ReplicaFacts | Refusal {
  const inputs = hello.inputs ?? expected.input;
  if (inputs === undefined || inputs.length === 0) {
    return { code: 'bad_signature', message: 'neither its hello nor the configuration names its inputs' };
  }
  const outputs = hello.outputs ?? [];
  const twice = [inputs, outputs].map(findTwice).find((name) => name !== undefined);
  if (twice !== undefined) return { code: 'bad_signature', message: `its hello names the tensor "${twice}" twice` };
  return {
    pid: hello.pid,
    signature: { inputs, outputs },
    maxBatch: hello.max_batch ?? Number.POSITIVE_INFINITY,
    about: hello.about ?? {},
    ...(hello.kit && { kit: hello.kit }),
  };
}

function findTwice(specs: readonly TensorSpec[]): string | undefined {
  const names = specs.map(({ name }) => name);
  return names.find((name, i) => names.indexOf(name) !== i);
}
