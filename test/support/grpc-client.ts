import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { GrpcDoor, type GrpcDoorOptions } from '../../frontend/grpc/server.ts';
import { RefusedCount } from '../../frontend/protocols/refused-count.ts';
import { RealClock } from '../../frontend/runtime/real-clock.ts';
import { RecordingMeter } from './recording-meter.ts';

const asItIs = (bytes: Buffer): Buffer => bytes;

/** What a call came to: a message or a status, and what came behind it. */
export interface Called {
  readonly message?: Buffer;
  readonly code: number;
  readonly details: string;
  readonly trailers: Readonly<Record<string, unknown>>;
}

/** A gRPC door on a free port, and a client of it that sends and gets bytes. */
export interface OpenGrpc {
  readonly door: GrpcDoor;
  readonly client: Client;
  readonly port: number;
  readonly clock: RealClock;
  readonly faults: unknown[];
  readonly meter: RecordingMeter;
  call(path: string, message: Uint8Array, more?: { readonly headers?: Readonly<Record<string, string>>; readonly deadlineMs?: number }): Promise<Called>;
  stream(path: string): { send(message: Uint8Array): void; end(): void; cancel(): void; next(): Promise<Buffer>; readonly ended: Promise<number> };
  /** Says what is left: calls that lost their answer, wakes. */
  end(): Promise<{ lost: number; wakes: number }>;
}

export async function openGrpc(options: Partial<GrpcDoorOptions> = {}, at: Parameters<GrpcDoor['listen']>[0] = { host: '127.0.0.1', port: 0 }): Promise<OpenGrpc> {
  const clock = new RealClock();
  const faults: unknown[] = [];
  const meter = new RecordingMeter();
  const door = new GrpcDoor({ clock, limits: { messageBytes: 4096, openMessageBytes: 1 << 20, streams: 100, connections: 100, stallMs: 60_000 }, services: [], ready: () => true, refused: new RefusedCount(meter), meter, onFault: (fault) => faults.push(fault), ...options });
  const { port } = await door.listen(at);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return {
    door, client, clock, faults, meter, port,
    call: (path, message, { headers = {}, deadlineMs } = {}) => new Promise((resolve) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      const said: { message?: Buffer } = {};
      const call = client.makeUnaryRequest(path, asItIs, asItIs, Buffer.from(message), metadata, deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs }, (_error, answer) => {
        if (answer !== undefined) said.message = answer;
      });
      call.on('status', ({ code, details, metadata: trailers }) => setImmediate(() => resolve({ ...said, code, details, trailers: trailers.getMap() })));
    }),
    stream: (path) => {
      const call = client.makeBidiStreamRequest(path, asItIs, asItIs);
      const come: Buffer[] = [];
      const waiting: ((message: Buffer) => void)[] = [];
      call.on('data', (message: Buffer) => {
        const first = waiting.shift();
        if (first === undefined) come.push(message);
        else first(message);
      });
      call.on('error', () => {});
      const ended = new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code)));
      return {
        send: (message) => void call.write(Buffer.from(message)), end: () => call.end(), cancel: () => call.cancel(), ended,
        next: () => {
          const first = come.shift();
          return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
        },
      };
    },
    end: async () => {
      client.close();
      const lost = await door.close(1000);
      const wakes = clock.pending;
      clock.close();
      return { lost, wakes };
    },
  };
}
