import { Server, ServerCredentials, status, type ServerDuplexStream } from '@grpc/grpc-js';
import { WireError } from '../../protos/wire.ts';
import type { Clock } from '../domain/clock.ts';
import type { DoorTls } from '../domain/door-tls.ts';
import { ERRORS } from '../domain/errors.ts';
import type { Listening } from '../domain/listening.ts';
import type { Meter } from '../domain/meter.ts';
import type { SocketFile } from '../runtime/socket-file.ts';
import type { RefusedCount } from '../protocols/refused-count.ts';
import { callFailure, type CallFailure } from './grpc-status.ts';
import { Health } from './health.ts';
import { streamBelow, takeStreams } from './http2-server.ts';
import { GrpcListener } from './listener.ts';
import { OpenMessages } from './open-messages.ts';
import { countedInflation } from './packed-streams.ts';
import { Reflection, REFLECTION_METHODS } from './reflection.ts';
import type { GrpcService } from './service.ts';
import { StreamCall } from './stream-call.ts';
import { UnaryLane } from './unary-lane.ts';
import { UnreadAnswers } from './unread-answers.ts';

/** What the door bounds. */
export interface GrpcLimits {
  /** The longest message of a caller, inflated. */
  readonly messageBytes: number;
  /** What the messages of all open calls may hold together, whole or not; and, for themselves, the answers that are not read. */
  readonly openMessageBytes: number;
  /** Calls that one connection may have open. */
  readonly streams: number;
  readonly connections: number;
  /** How long nothing may move on a stream that does not read its answers. */
  readonly stallMs: number;
}

/** A connection on which nothing moves is asked for a sign of life so often, and given up this long after. */
const PING_MS = 60_000;
const PING_TIMEOUT_MS = 20_000;
/** How long a connection without calls is kept. */
const IDLE_MS = 10 * 60_000;
/** How long clients have to take their last answers. */
const LINGER_MICROS = 1_000_000;

export interface GrpcDoorOptions {
  readonly clock: Clock;
  readonly limits: GrpcLimits;
  readonly services: readonly GrpcService[];
  /** Whether every version that is wanted can answer. */
  readonly ready: () => boolean;
  /** Without: in the clear. */
  readonly tls?: DoorTls;
  /** Requests that are refused before any service has them are counted here. */
  readonly refused: RefusedCount;
  readonly meter: Meter;
  /** A fault of ours while a call was served; its caller is told `INTERNAL`. */
  readonly onFault: (fault: unknown, method: string) => void;
}

/**
 * The gRPC door: one server, on which services register with their own codecs (frontend/grpc/service.ts), beside health and
 * reflection. It knows nothing of what they mean. Unary calls have a lane of their own; streams of messages, and what nobody
 * registered, are the library's.
 *
 * Life: construct, `listen`, `stopAccepting`, `close`.
 */
export class GrpcDoor {
  readonly #options: GrpcDoorOptions;
  readonly #server: Server;
  readonly #listener: GrpcListener;
  readonly #health: Health;
  readonly #services: ReadonlySet<string>;
  readonly #streams = new Set<StreamCall>();
  readonly #lane: UnaryLane;
  readonly #messages: OpenMessages;
  readonly #unread: UnreadAnswers;
  #draining = false;

  constructor(options: GrpcDoorOptions) {
    const { clock, limits, meter, services } = options;
    this.#options = options;
    const onRefused = (): void => options.refused.add('overloaded');
    this.#messages = new OpenMessages({ mostBytes: limits.openMessageBytes, onRefused });
    const bounds = { messages: this.#messages, messageBytes: limits.messageBytes, onRefused };
    this.#unread = new UnreadAnswers({
      clock, mostBytes: limits.openMessageBytes, stallMs: limits.stallMs,
      onDropped: (why) => meter.add(meter.cell('tradewind_grpc_unread_total', { why }), 1),
    });
    this.#lane = new UnaryLane({ ...bounds, clock, unread: this.#unread, failureOf: (fault, path) => this.#failureOf(fault, path) });
    this.#server = new Server({
      interceptors: [countedInflation(bounds)],
      'grpc.max_receive_message_length': limits.messageBytes,
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': limits.streams,
      'grpc.keepalive_time_ms': PING_MS,
      'grpc.keepalive_timeout_ms': PING_TIMEOUT_MS,
      'grpc.max_connection_idle_ms': IDLE_MS,
      'grpc.enable_channelz': 0,
    });
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener = new GrpcListener({ connections: limits.connections, tls: options.tls, take: (socket) => injector.injectConnection(socket) });
    takeStreams(this.#server, (stream, headers) => {
      const isUnary = this.#lane.take(stream, headers);
      if (!isUnary) this.#messages.watch(stream);
      return isUnary;
    });
    this.#health = new Health({ serving: () => !this.#draining && options.ready(), knows: (name) => this.#services.has(name) });
    const all = [...services, this.#health.service];
    this.#services = new Set(all.map(({ name }) => name));
    for (const service of all) this.#register(service);
    const reflection = new Reflection([...new Set(all.map(({ proto }) => proto))]);
    for (const path of REFLECTION_METHODS) this.#stream(path, (raw) => this.#begin(path, raw, (call) => this.#reflect(reflection, path, call)));
  }

  /** Bytes of messages, and of answers that are not read, that are held now. For leak checks. */
  get heldBytes(): number {
    return this.#messages.bytes + this.#unread.bytes;
  }

  /** Calls that are not over. */
  get open(): number {
    return this.#lane.open + this.#streams.size;
  }

  /** Binds the address; says where that is. Rejects where it cannot. */
  listen(at: { readonly host: string; readonly port: number } | SocketFile): Promise<Listening> {
    return this.#listener.listen(at);
  }

  /** The broker may be ready, or not any more: who watches the health is told. */
  readinessChanged(): void {
    this.#health.changed();
  }

  /** Not serving from now on. New calls are still taken; streams end as soon as what was asked on them is answered. */
  stopAccepting(): void {
    this.#draining = true;
    for (const stream of this.#streams) stream.drain();
  }

  /** Takes nothing new, waits until the calls are over, at most `withinMs`, and ends what is left. Says how many that were. */
  close(withinMs: number): Promise<number> {
    this.stopAccepting();
    const closed = this.#listener.close();
    const { clock } = this.#options;
    return new Promise<number>((resolve) => {
      let lost = 0;
      let takeBack = clock.wakeAt(clock.now() + withinMs * 1000, () => {
        lost = this.open;
        this.#lane.endAll(callFailure({ code: 'draining', message: ERRORS.draining.message }));
        for (const stream of this.#streams) stream.end();
        // A client that does not even take that is not waited for.
        takeBack = clock.wakeAt(clock.now() + LINGER_MICROS, () => {
          this.#server.forceShutdown();
          resolve(lost);
        });
      });
      // Sessions end as soon as their calls are over; the library itself does not wait for those that were given to it.
      this.#server.tryShutdown(() => void closed.then(() => takeBack()).then(() => resolve(lost)));
    }).finally(() => this.#unread.close());
  }

  #register({ name, methods }: GrpcService): void {
    for (const [method, how] of Object.entries(methods)) {
      const path = `/${name}/${method}`;
      if (how.kind === 'unary') this.#lane.register(path, how.handle);
      else this.#stream(path, (raw) => this.#begin(path, raw, how.handle));
    }
  }

  #stream(path: string, take: (raw: ServerDuplexStream<Buffer, Buffer>) => void): void {
    this.#server.register(path, take, asItIs, asItIs, 'bidi');
  }

  #begin(path: string, raw: ServerDuplexStream<Buffer, Buffer>, handle: (call: StreamCall) => void): void {
    const stream = streamBelow(raw);
    const answers = this.#unread.of(stream);
    stream.once('close', () => answers?.end());
    const call = new StreamCall(raw, {
      answers,
      onEnd: () => void this.#streams.delete(call),
      failureOf: (fault) => this.#failureOf(fault, path),
    });
    this.#streams.add(call);
    handle(call);
    if (this.#draining) call.drain();
  }

  #reflect(reflection: Reflection, path: string, call: StreamCall): void {
    reflection.serve(path, call).catch((fault: unknown) => call.fail(this.#failureOf(fault, path)));
  }

  /** Bytes that are no message are the caller's fault; everything else thrown is ours. */
  #failureOf(fault: unknown, path: string): CallFailure {
    this.#options.refused.add(fault instanceof WireError ? 'malformed_request' : 'internal');
    if (fault instanceof WireError) return { code: status.INVALID_ARGUMENT, message: fault.message };
    this.#options.onFault(fault, path);
    return callFailure({ code: 'internal', message: ERRORS.internal.message });
  }
}

function asItIs(bytes: Buffer): Buffer {
  return bytes;
}
