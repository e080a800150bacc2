import type { TensorSpec } from '../../protos/wire.ts';
import type { Micros } from './clock.ts';
import type { ModelKey, ModelSpec, OipContainer, Signature } from './model.ts';
import type { ReplicaEvents, ReplicaId, ReplicaLink } from './replica.ts';

/** Why a container is not taken: `code` is a word for machines, `message` a sentence for the operator. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** What a container said of itself at the handshake, parsed and bounded. */
export interface ReplicaFacts {
  /** Absent where a protocol without one is spoken: the server of somebody else. */
  readonly pid?: number;
  readonly kit?: string;
  readonly signature: Signature;
  /** Most rows a batch; Infinity where it named no limit. */
  readonly maxBatch: number;
  readonly about: Readonly<Record<string, string | number | boolean>>;
}

/** One life of one replica: what is to be started, or dialled. */
export interface ReplicaStart {
  readonly id: ReplicaId;
  readonly key: ModelKey;
  readonly spec: ModelSpec;
  /** Where it listens; only for containers that are dialled. */
  readonly address?: string;
}

/** What the handshake holds a container's hello against. */
export interface ExpectedReplica {
  readonly id: ReplicaId;
  readonly model: string;
  readonly version: number;
  /** Inputs by configuration; they stand in where the container names none. */
  readonly input?: readonly TensorSpec[];
}

/**
 * Why a life ended unasked, as a word for machines: it `exited` by itself, was `killed` by a signal, went over its `memory`
 * limit, `hung` in a batch, had a `silent` watchdog, was `refused`, `lost` its connection, said `no_hello` in time, or was
 * `not_started` at all.
 */
export type DeathCause = 'exited' | 'killed' | 'memory' | 'hung' | 'silent' | 'refused' | 'lost' | 'no_hello' | 'not_started';

/**
 * One limit of a replica, and what holds it to that; `nobody` with the reason. Niceness is held by the `priority` of its
 * threads, and by its `autogroup` too where the kernel makes a scheduling group of each session.
 */
export interface HeldLimit {
  readonly limit: 'memory_mb' | 'cpu_share' | 'threads' | 'nice';
  readonly by: 'cgroup' | 'watching' | 'environment' | 'priority' | 'autogroup' | 'nobody';
  readonly why?: string;
}

/** How a life ended. `message` is a clause for the operator: `exited with code 3`, `killed by SIGKILL`. */
export interface ReplicaEnd {
  readonly message: string;
  readonly code?: number;
  readonly signal?: string;
  /** Absent where only a connection is known to have ended. */
  readonly cause?: DeathCause;
}

/**
 * Who is told of one life. `started` and `ready` at most once; `closed` at most once, after `ready`; `ended` exactly once and last.
 */
export interface ReplicaWatcher extends ReplicaEvents {
  /** Its process runs; never where it is dialled. A container may be quicker with its hello than this. */
  started(pid: number): void;
  /** The last word on a hello whose token, name and version are right; a refusal goes to the container as its goodbye. */
  judge(facts: ReplicaFacts): Refusal | undefined;
  ready(link: ReplicaLink, facts: ReplicaFacts): void;
  /** The container was turned away. It proved to be this replica, and so the start has failed. */
  refused(refusal: Refusal): void;
  /** Something turned away claimed to be this replica (by its pid) and proved nothing: a reason to remember, no more. */
  noted(refusal: Refusal): void;
  /** The watchdog lives. The first call tells that there is one. */
  heartbeat(): void;
  /** The watchdog's connection ended while the worker's had not. */
  watchdogLost(why: string): void;
  ended(end: ReplicaEnd): void;
}

/** A life under way. */
export interface ReplicaRun {
  /** Process id; undefined until the process runs, and where the runtime starts none. */
  pid(): number | undefined;
  /** Ends it at once: connections cut, the process group killed, as soon as there is one. `ended` follows; calling again is harmless. */
  kill(why: string): void;
  /** The last lines that it printed, oldest first; bounded. */
  output(): readonly string[];
  /** Lines that it has printed in all; absent: none are seen. */
  printed?(): number;
  /** Resident memory of the process and those that it started, when last looked at; undefined where nobody looks. */
  memoryBytes?(): number | undefined;
  /** What holds it to the limits of its spec; none where there are no limits, and until the process runs. */
  limits?(): readonly HeldLimit[];
}

/** Brings replicas to life: as child processes, or by dialling. `start` never throws; failure is an early `ended`. */
export interface Runtime {
  start(start: ReplicaStart, watcher: ReplicaWatcher): ReplicaRun;
}

/** Where containers that the broker started come in. */
export interface ReplicaDoor {
  /** What a container is told to connect to: `unix:/path`. */
  readonly address: string;
  /** Makes a token and waits for the container that says it. */
  expect(expected: ExpectedReplica, watcher: ReplicaWatcher): ReplicaTicket;
}

/** The admission of one life. */
export interface ReplicaTicket {
  /** Secret; good for all connections of this life until `close`. */
  readonly token: string;
  /** Names the process that the ticket was given to, so that what it says with a wrong token can be told of it. */
  heldBy(pid: number): void;
  /** True while a connection that was admitted is open. */
  readonly connected: boolean;
  /** Cuts every connection and forgets the token. */
  close(why: string): void;
}

/** Where what containers print comes in: they are given connections to it as their standard output and error. */
export interface OutputDoor {
  /** The Unix socket to connect to. */
  readonly path: string;
  /** Waits for one stream. `take` gets what comes, and undefined once it is over; never where nobody came with the key. */
  expect(take: OutputTake): OutputTicket;
}

/** Takes what comes of one stream, undefined at its end. Says when it wants more, where that is not at once. */
export type OutputTake = (chunk: Buffer | undefined) => Micros | undefined;

/** The admission of one stream. */
export interface OutputTicket {
  /** Secret; the first to say it is admitted, and nobody after. */
  readonly key: string;
  /** Cuts the stream, or forgets the key. */
  close(): void;
}

/** Goes out to containers that listen. `ended` comes when the worker's connection is over, or never came to be. */
export interface ReplicaDialler {
  dial(address: string, expected: ExpectedReplica, watcher: ReplicaWatcher): { close(why: string): void };
}

/** Goes out to servers of somebody else, over the Open Inference Protocol; each call is one try, as with `ReplicaDialler`. */
export interface OipDialler {
  dial(address: string, container: OipContainer, expected: ExpectedReplica, watcher: ReplicaWatcher): { close(why: string): void };
}
