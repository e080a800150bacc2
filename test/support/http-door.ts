import net from 'node:net';
import { once } from 'node:events';
import type { AppSpec } from '../../frontend/domain/model.ts';
import type { Answer } from '../../frontend/domain/answer.ts';
import type { AnswerSink, AppView, PredictPort, UnparsedQuery } from '../../frontend/domain/ports.ts';
import type { Query } from '../../frontend/domain/query.ts';
import { OPEN_ACCESS } from './open-access.ts';
import { HttpDoor, type HttpDoorOptions } from '../../frontend/http/server.ts';
import { RealClock } from '../../frontend/runtime/real-clock.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { RecordingMeter } from './recording-meter.ts';

export function appView(name: string, inputs: readonly TensorSpec[] | undefined, more: Partial<AppSpec> = {}): AppView {
  const spec: AppSpec = {
    name, arms: ['m'], policy: 'static', output: 'label', sloMs: 100, sloMinMs: 1, sloMaxMs: 60_000, onMiss: 'default',
    priority: 'normal', weight: 1, ...more,
  };
  return { spec, inputs };
}

/**
 * A road under the test's hand: it answers at once with the sum of the query's float32 elements as `value`, except for
 * apps in `held`, whose queries wait in `waiting` until the test answers them.
 */
export class HandRoad implements PredictPort {
  readonly held = new Set<string>();
  readonly waiting: Query[] = [];
  readonly queries: Query[] = [];
  readonly cancelled: number[] = [];
  readonly unparsed: UnparsedQuery[] = [];
  readonly #slabs: SlabArena;
  readonly #answers: AnswerSink;
  #watchers: { done: () => boolean; resolve: () => void }[] = [];

  constructor(slabs: SlabArena, answers: AnswerSink) {
    this.#slabs = slabs;
    this.#answers = answers;
  }

  submit(query: Query): void {
    this.queries.push(query);
    if (this.held.has(query.app)) this.waiting.push(query);
    else this.#answers.answer(this.#sums(query));
    this.#look();
  }

  submitUnparsed(query: UnparsedQuery): void {
    const { slot, rows, reason } = query;
    this.unparsed.push(query);
    const row = { source: 'default' as const, reason, output: { kind: 'json' as const, json: -1 } };
    this.#answers.answer({ slot, latencyMicros: 10, decisionId: `d${slot}`, ok: true, source: 'default', reason, rows: Array.from({ length: rows }, () => row) });
  }

  cancel(slot: number): void {
    this.cancelled.push(slot);
    const at = this.waiting.findIndex((query) => query.slot === slot);
    if (at >= 0) for (const query of this.waiting.splice(at, 1)) this.#release(query);
    this.#look();
  }

  /** Answers a waiting query; the oldest unless one is named. */
  answer(query: Query | undefined = this.waiting[0], answer?: Answer): void {
    if (query === undefined) throw new Error('nothing waits');
    this.waiting.splice(this.waiting.indexOf(query), 1);
    const sums = this.#sums(query);
    this.#answers.answer(answer ?? sums);
  }

  /** Resolves as soon as `done` holds; looked at whenever a query comes or is cancelled. */
  until(done: () => boolean): Promise<void> {
    if (done()) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ done, resolve }));
  }

  #look(): void {
    this.#watchers = this.#watchers.filter(({ done, resolve }) => {
      if (!done()) return true;
      resolve();
      return false;
    });
  }

  #sums(query: Query): Answer {
    const rows = Array.from({ length: query.rows }, (_, row) => ({ source: 'model' as const, output: { kind: 'value' as const, value: sumOf(query, row) } }));
    this.#release(query);
    return { slot: query.slot, latencyMicros: 1234, decisionId: `d${query.slot}`, ok: true, source: 'model', model: 'm', version: 1, rows };
  }

  #release(query: Query): void {
    for (const column of query.columns) this.#slabs.release(column.slab);
  }
}

function sumOf(query: Query, row: number): number {
  let sum = 0;
  for (const { slab, offset, strideBytes, rowBytes, dtype } of query.columns) {
    if (dtype !== 'float32') continue;
    const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset + offset + row * strideBytes, rowBytes);
    for (let at = 0; at < rowBytes; at += 4) sum += view.getFloat32(at, true);
  }
  return sum;
}

export const FOUR_FLOATS: readonly TensorSpec[] = Object.freeze([{ name: 'x', dtype: 'float32', shape: [4] }]);

export interface OpenDoor {
  readonly door: HttpDoor;
  readonly road: HandRoad;
  readonly meter: RecordingMeter;
  readonly slabs: SlabArena;
  readonly clock: RealClock;
  readonly port: number;
  readonly faults: unknown[];
  url(path: string): string;
  /** Closes everything and says what is left: 0 requests, 0 slabs, 0 timers. */
  end(): Promise<{ lost: number; open: number; slabs: number; wakes: number }>;
}

/** A door on a free port, with the apps `sum` (four floats), `held` (the same, waiting) and `unknown-inputs`. */
export async function openDoor(more: Partial<HttpDoorOptions> = {}): Promise<OpenDoor> {
  const slabs = new SlabArena({ poison: true });
  const clock = new RealClock();
  const meter = new RecordingMeter();
  const faults: unknown[] = [];
  const apps = new Map([
    ['sum', appView('sum', FOUR_FLOATS)], ['held', appView('held', FOUR_FLOATS)], ['unknown-inputs', appView('unknown-inputs', undefined)],
  ]);
  const door = new HttpDoor({
    clock, meter, slabs, apps: { app: (name) => apps.get(name) }, access: OPEN_ACCESS, allowedHosts: ['broker.example'], instance: 'test', version: '0.0.0',
    health: { readiness: () => ({ ready: true, missing: [] }), metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }) },
    onFault: (fault) => faults.push(fault),
    ...more,
  });
  const road = new HandRoad(slabs, door.answers);
  road.held.add('held');
  door.connect(road);
  const { port } = await door.listen({ host: '127.0.0.1', port: 0 });
  return {
    door, road, meter, slabs, clock, port, faults,
    url: (path) => `http://127.0.0.1:${port}${path}`,
    end: async () => {
      const lost = await door.close(0);
      return { lost, open: door.open, slabs: slabs.usedSlabs, wakes: clock.pending };
    },
  };
}

/** A client that writes bytes as they are and collects what comes. */
export class RawClient {
  readonly socket: net.Socket;
  text = '';
  #watchers: (() => void)[] = [];

  private constructor(socket: net.Socket) {
    this.socket = socket;
    const look = () => {
      for (const watcher of this.#watchers.splice(0)) watcher();
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.text += chunk;
      look();
    });
    socket.on('close', look);
    socket.on('error', look);
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Resolves with everything so far once it matches; rejects when the connection ends without. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      if (this.socket.destroyed || this.socket.readableEnded) throw new Error(`the connection ended with ${JSON.stringify(this.text)}, without ${pattern}`);
      await new Promise<void>((resolve) => {
        this.#watchers.push(resolve);
        this.socket.once('end', resolve);
      });
    }
    return this.text;
  }

  /** Resolves with everything once the other side has closed. */
  async ended(): Promise<string> {
    if (!this.socket.readableEnded && !this.socket.destroyed) await Promise.race([once(this.socket, 'end'), once(this.socket, 'close')]);
    this.socket.destroy();
    return this.text;
  }
}

export function post(path: string, body: string, headers: readonly string[] = []): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
