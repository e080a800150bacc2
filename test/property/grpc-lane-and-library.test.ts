import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { logVerbosity, Server, ServerCredentials, setLogVerbosity, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import fc from 'fast-check';
import { framed } from '../../frontend/grpc/message-frame.ts';
import type { UnaryCall } from '../../frontend/grpc/unary-call.ts';
import { openGrpc, type OpenGrpc } from '../support/grpc-client.ts';
import { SEED, seeded } from '../support/random.ts';
import { RawGrpc, type RawOutcome } from '../support/raw-grpc.ts';
import { turnsUntil } from '../support/turns-until.ts';

const PATH = '/a.B/Ask';
const MESSAGE_BYTES = 1000;
/** A message that begins so is refused, by its second byte as the status. */
const REFUSED = 0xff;
const asItIs = (bytes: Buffer): Buffer => bytes;

let grpc: OpenGrpc;
let library: Server;
let clients: { readonly lane: RawGrpc; readonly library: RawGrpc };

before(async () => {
  // It says on the console what it drops.
  setLogVerbosity(logVerbosity.NONE);
  grpc = await openGrpc({ services: [{ name: 'a.B', proto: 'health.proto', methods: { Ask: { kind: 'unary', handle: served } } }], limits: { messageBytes: MESSAGE_BYTES, openMessageBytes: 1 << 20, streams: 100, connections: 10, stallMs: 60_000 } });
  library = new Server({ 'grpc.max_receive_message_length': MESSAGE_BYTES });
  library.register(PATH, servedByLibrary, asItIs, asItIs, 'unary');
  const port = await new Promise<number>((resolve, reject) => library.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error))));
  clients = { lane: new RawGrpc(grpc.port), library: new RawGrpc(port) };
});
after(async () => {
  clients.lane.close();
  clients.library.close();
  library.forceShutdown();
  await turnsUntil(() => grpc.door.heldBytes === 0 && grpc.door.open === 0);
  assert.deepEqual([await grpc.end(), grpc.faults], [{ lost: 0, wakes: 0 }, []]);
});

function served(call: UnaryCall): void {
  const { message } = call;
  const word = call.header('x-word') ?? '';
  if (message[0] === REFUSED) call.fail({ code: message[1] ?? 2, message: `no: ${word} \n é %` }, [['x-why', 'so']]);
  else call.answer(Buffer.concat([message, Buffer.from(word)]), [['x-word', 'well']]);
}

function servedByLibrary({ request, metadata: said }: ServerUnaryCall<Buffer, Buffer>, send: sendUnaryData<Buffer>): void {
  const [word = ''] = said.get('x-word');
  const metadata = said.clone();
  for (const name of Object.keys(metadata.getMap())) metadata.remove(name);
  if (request[0] === REFUSED) {
    metadata.set('x-why', 'so');
    return send({ code: request[1] ?? 2, details: `no: ${String(word)} \n é %`, metadata });
  }
  metadata.set('x-word', 'well');
  send(null, Buffer.concat([request, Buffer.from(String(word))]), metadata);
}

interface Message {
  readonly flag: number;
  readonly packing: 'none' | 'gzip' | 'deflate';
  /** Or so many zeros. */
  readonly bytes: Uint8Array | number;
  /** What its prefix says beyond what it has. */
  readonly lie: number;
}

function frameOf({ flag, packing, bytes: given, lie }: Message): Buffer {
  const bytes = typeof given === 'number' ? new Uint8Array(given) : given;
  const packed = packing === 'gzip' ? gzipSync(bytes) : packing === 'deflate' ? deflateSync(bytes) : bytes;
  const frame = framed(packed);
  frame[0] = flag;
  frame.writeUInt32BE(Math.max(0, packed.length + lie), 1);
  return frame;
}

const bytes = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.nat(16).map((code) => Uint8Array.of(REFUSED, code)), fc.nat(1200));
const lie = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-3, -1, 1, 5, 1000, 2 ** 31) });
const plain = fc.record({ flag: fc.constantFrom(0, 0, 0, 2, 255), packing: fc.constant('none' as const), bytes, lie });
const packed = fc.record({ flag: fc.constant(1), packing: fc.constantFrom('none' as const, 'gzip' as const, 'deflate' as const), bytes, lie });
const some = <T>(...values: T[]): fc.Arbitrary<T | undefined> => fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...values) });

const call = fc.record({
  // Of two that are packed wrong, whichever is inflated first says how the call ends.
  messages: fc.oneof<fc.Arbitrary<Message[]>[]>(fc.tuple(plain), fc.tuple(packed), fc.tuple(packed), fc.array(plain, { maxLength: 3 })),
  headers: fc.record({
    'content-type': some('application/grpc+proto', 'application/grpc-web', 'application/json', ''), 'grpc-encoding': some('gzip', 'deflate', 'identity', 'br', ''),
    'grpc-timeout': some('10S', '1H', 'soon', '', '-5M', '7 S'), 'x-word': some('hey', 'caf\u00e9', ''), ':method': some('GET', 'PUT'),
  }),
  cuts: fc.array(fc.nat(2000), { maxLength: 4 }),
});

function piecesOf(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].toSorted((a, b) => a - b);
  return [...places, whole.length].map((to, at) => whole.subarray(places[at - 1] ?? 0, to));
}

/** Headers that are undefined are not sent. */
async function outcomeOf(client: RawGrpc, { messages, headers, cuts }: typeof call extends fc.Arbitrary<infer T> ? T : never): Promise<RawOutcome> {
  const said = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
  return client.ask(PATH, piecesOf(Buffer.concat(messages.map(frameOf)), cuts), said);
}

test(seeded('a unary call comes to the same by the lane and by gRPC\'s library, whatever its caller does'), async () => {
  const codes = new Set<number | undefined>();
  await fc.assert(fc.asyncProperty(call, async (asked) => {
    const [ours, theirs] = await Promise.all([outcomeOf(clients.lane, asked), outcomeOf(clients.library, asked)]);
    codes.add(ours.code);
    assert.deepEqual(ours, theirs);
  }), { seed: SEED, numRuns: 1000 });
  for (const code of [undefined, 0, 8, 12, 13]) assert.ok(codes.has(code), `${String(code)} is never seen: the calls are too tame`);
});
