import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenBodies } from '../../../../frontend/http/exchange/open-bodies.ts';
import { Connections } from '../../../../frontend/http/exchange/connections.ts';
import { OPEN_ACCESS } from '../../../support/open-access.ts';
import { PredictDoor } from '../../../../frontend/http/predict.ts';
import { Refusals } from '../../../../frontend/http/refusals.ts';
import { SlabArena } from '../../../../frontend/runtime/slab-arena.ts';
import { appView, FOUR_FLOATS, HandRoad } from '../../../support/http-door.ts';
import { exchangeOf, RequestDouble, ResponseDouble, SocketDouble } from '../../../support/http-doubles.ts';
import { RecordingMeter } from '../../../support/recording-meter.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function setUp() {
  const clock = new VirtualClock(1000);
  const slabs = new SlabArena({ poison: true });
  const connections = new Connections(clock);
  const app = appView('held', FOUR_FLOATS);
  const faults: unknown[] = [];
  const door = new PredictDoor({
    apps: { app: (name) => (name === 'held' ? app : undefined) }, isModel: (name) => name === 'mean', access: OPEN_ACCESS, slabs, clock, refusals: new Refusals(clock, new RecordingMeter()),
    maxOpen: 3, maxOpenPerConnection: 2, maxBodyBytes: 100, maxJsonBytes: 100, bodies: new OpenBodies(150), onFault: (fault) => faults.push(fault),
  });
  const road = new HandRoad(slabs, door);
  road.held.add('held');
  door.connect(road);
  const socket = new SocketDouble();
  const take = (more: { headers?: Readonly<Record<string, string>>; appName?: string; on?: SocketDouble } = {}) => {
    const request = new RequestDouble(more.on ?? socket, more.headers);
    const response = new ResponseDouble(more.on ?? socket);
    door.take({ exchange: exchangeOf(request, response, connections.of((more.on ?? socket).asSocket())), appName: more.appName ?? 'held', media: 'json', settings: { ok: true, options: {} } });
    return { request, response };
  };
  const send = (request: RequestDouble, body: string) => {
    request.emit('data', Buffer.from(body));
    request.complete = true;
    request.emit('end');
  };
  return { clock, slabs, door, road, socket, take, send, faults };
}

test('the head is the arrival, whenever the body comes', () => {
  const { clock, road, take, send, door, slabs } = setUp();
  const { request, response } = take();
  clock.advance(500);
  send(request, '{"input":[1,2,3,4]}');
  assert.deepEqual([road.waiting[0]?.arrivedAtMicros, road.waiting[0]?.deadlineAtMicros], [1000, 101_000]);
  road.answer();
  assert.deepEqual([response.status, (JSON.parse(response.body) as { output: number }).output, door.open, slabs.usedSlabs], [200, 10, 0, 0]);
});

test('slots are used again, and never two at once', () => {
  const { road, take, send, door } = setUp();
  for (let round = 0; round < 3; round++) {
    const pair = [take(), take()];
    for (const { request } of pair) send(request, '{"input":[1,2,3,4]}');
    assert.equal(new Set(road.waiting.map(({ slot }) => slot)).size, 2);
    assert.ok(road.waiting.every(({ slot }) => slot < 2));
    road.answer();
    road.answer();
  }
  assert.equal(door.open, 0);
});

test('open requests are bounded, on one connection and over all', () => {
  const { take, door } = setUp();
  take();
  take();
  assert.equal(take().response.status, 503);
  const other = new SocketDouble();
  assert.equal(take({ on: other }).response.status, 0);
  assert.equal(take({ on: other }).response.status, 503);
  assert.equal(door.open, 3);
});

test('a body past the bound is refused as it passes, and the memory of all bodies is bounded', () => {
  const { take, door, slabs } = setUp();
  const long = take();
  long.request.emit('data', Buffer.from(`{"input":[1,2,${' '.repeat(80)}`));
  long.request.emit('data', Buffer.from(' '.repeat(20)));
  assert.equal(long.response.status, 413);
  const [first, second] = [take(), take()];
  first.request.emit('data', Buffer.alloc(90, 0x20));
  second.request.emit('data', Buffer.alloc(90, 0x20));
  assert.deepEqual([first.response.status, second.response.status, door.open, slabs.usedSlabs], [0, 503, 1, 0]);
});

test('a client that goes takes its query with it, or the half of its body', () => {
  const { take, send, road, socket, door, slabs } = setUp();
  const [waiting, reading] = [take(), take()];
  send(waiting.request, '{"input":[1,2,3,4]}');
  reading.request.emit('data', Buffer.from('{"input":[1,2,'));
  socket.destroy();
  assert.deepEqual([road.cancelled, door.open, slabs.usedSlabs], [[0], 0, 0]);
  take();
  assert.equal(door.open, 0, 'a request of a socket that is gone is nobody\'s');
});

test('while it drains every answer closes its connection, and idle comes when the last is given', async () => {
  const { take, send, road, door } = setUp();
  const { request, response } = take();
  send(request, '{"input":[1,2,3,4]}');
  door.drain();
  const idle = door.idle();
  road.answer();
  await idle;
  assert.equal(response.headers.get('connection'), 'close');
});

test('apps that are not there have no slot', () => {
  const { take, door } = setUp();
  assert.deepEqual([take({ appName: '__proto__' }).response.status, door.open], [404, 0]);
});

test('an answer that cannot be written is a fault of ours, and its slabs come back', () => {
  const { take, send, road, slabs, faults, door } = setUp();
  const { request, response } = take();
  send(request, '{"input":[1,2,3,4]}');
  const span = slabs.allocate(4);
  const tensors = [{ name: 'p', dtype: 'float32' as const, shape: [2], ...span, lengthBytes: 4 }];
  road.answer(road.waiting[0], { slot: 0, latencyMicros: 1, ok: true, source: 'model', rows: [{ source: 'model', output: { kind: 'tensors', tensors } }] });
  assert.deepEqual([response.status, faults.length, slabs.usedSlabs, door.open], [500, 1, 0, 0]);
});

test('who asks a model as if it were an app is told where to ask it', () => {
  const { take } = setUp();
  const said = (appName: string): unknown => (JSON.parse(take({ appName }).response.body) as { error: { message: string } }).error.message;
  assert.equal(said('mean'), 'There is no app named "mean", but a model: ask it at /v2/models/mean/infer, or add an app with it as an arm.');
  assert.equal(said('nobody'), 'There is no app named "nobody".');
});
