import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { Health } from '../../../../frontend/grpc/health.ts';
import { ProtoWriter } from '../../../../protos/protobuf.ts';
import { openGrpc } from '../../../support/grpc-client.ts';
import { unaryCall } from '../../../support/unary-call-double.ts';

const named = (service: string): Buffer => Buffer.from(new ProtoWriter().text(1, service).bytes);
const CHECK = '/grpc.health.v1.Health/Check';

test('the broker and each service serve together; an unknown one is not found', async () => {
  let ready = false;
  const grpc = await openGrpc({ ready: () => ready });
  assert.deepEqual([...(await grpc.call(CHECK, Buffer.alloc(0))).message ?? []], [8, 2]);
  ready = true;
  for (const name of ['', 'grpc.health.v1.Health']) assert.deepEqual([...(await grpc.call(CHECK, named(name))).message ?? []], [8, 1], name);
  assert.equal((await grpc.call(CHECK, named('nobody'))).code, status.NOT_FOUND);
  assert.equal((await grpc.call(CHECK, Buffer.from([0xff]))).code, status.INVALID_ARGUMENT);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

test('who watches is told of every change, and of the stop', async () => {
  let ready = true;
  const grpc = await openGrpc({ ready: () => ready });
  const watch = grpc.stream('/grpc.health.v1.Health/Watch');
  watch.send(named(''));
  assert.deepEqual([...await watch.next()], [8, 1]);
  ready = false;
  grpc.door.readinessChanged();
  assert.deepEqual([...await watch.next()], [8, 2]);
  ready = true;
  grpc.door.readinessChanged();
  assert.deepEqual([...await watch.next()], [8, 1]);
  grpc.door.stopAccepting();
  assert.deepEqual([...await watch.next()], [8, 2]);
  assert.equal(await watch.ended, status.OK);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
});

test('the service says what it is asked for without a server', () => {
  const { methods } = new Health({ serving: () => true, knows: () => false }).service;
  const { call, outcome } = unaryCall(Buffer.alloc(0));
  assert.ok(methods['Check']?.kind === 'unary');
  methods['Check'].handle(call);
  assert.deepEqual([...outcome.answer ?? []], [8, 1]);
});
