import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import type { FeedbackItem, FeedbackVerdict } from '../../../../frontend/domain/feedback.ts';
import { feedbackService } from '../../../../frontend/grpc/feedback.ts';
import { ProtoWriter } from '../../../../protos/protobuf.ts';
import { openGrpc } from '../../../support/grpc-client.ts';

test('each item has its verdict; what cannot be meant, or is too much, is refused whole', async () => {
  const given: [readonly FeedbackItem[], string | undefined][] = [];
  const verdicts: readonly FeedbackVerdict[] = [{ kind: 'accepted' }, { kind: 'refused', code: 'feedback_late' }];
  const port = { give: async (items: readonly FeedbackItem[], authorization: string | undefined) => (given.push([items, authorization]), verdicts) };
  const grpc = await openGrpc({ services: [feedbackService({ port, maxItems: 2 })] });
  const item = (id: string): Uint8Array => Uint8Array.from(new ProtoWriter().text(1, id).double(2, 0.5).bytes);
  const request = (...items: readonly Uint8Array[]): Buffer => {
    const writer = new ProtoWriter();
    for (const each of items) writer.nested(1, each);
    return Buffer.from(writer.bytes);
  };
  const path = '/tradewind.v1.Feedback/Give';
  const { message } = await grpc.call(path, request(item('d1'), item('d2')), { headers: { authorization: 'Bearer t' } });
  const said = message?.toString('latin1') ?? '';
  for (const word of ['accepted', 'refused', 'feedback_late', 'The reward window of the decision is over.']) assert.ok(said.includes(word), word);
  assert.deepEqual(given, [[[{ decisionId: 'd1', reward: 0.5 }, { decisionId: 'd2', reward: 0.5 }], 'Bearer t']]);
  for (const wrong of [request(), request(new ProtoWriter().text(1, 'd').bytes), request(item('')), request(item('a'), item('b'), item('c')), Buffer.from([0xff])]) {
    assert.equal((await grpc.call(path, wrong)).code, status.INVALID_ARGUMENT);
  }
  assert.equal(given.length, 1);
  await grpc.end();
});
