import { readGiveRequest, writeGiveResponse } from '../../protos/tradewind-feedback.ts';
import { ERRORS } from '../domain/errors.ts';
import type { FeedbackPort } from '../domain/feedback.ts';
import { callFailure } from './grpc-status.ts';
import type { GrpcService } from './service.ts';

/** `tradewind.v1.Feedback`: what answers were worth, by gRPC as by `POST /v1/feedback`. Each item has its own verdict. */
export function feedbackService({ port, maxItems }: { readonly port: FeedbackPort; readonly maxItems: number }): GrpcService {
  return {
    name: 'tradewind.v1.Feedback', proto: 'tradewind.proto',
    methods: {
      Give: { kind: 'unary', handle: (call) => {
        const items = readGiveRequest(call.message, maxItems);
        const wrong = items.findIndex(({ decisionId, reward, value, label }) => decisionId === '' || (reward === undefined && value === undefined && label === undefined));
        if (items.length === 0 || wrong >= 0) {
          return call.fail(callFailure({ code: 'invalid_field', message: items.length === 0 ? 'Expected at least one item.' : `items[${wrong}]: expected a decision_id, and one of reward, value and label.` }));
        }
        void port.give(items, call.header('authorization')).then((verdicts) => call.answer(writeGiveResponse(verdicts.map((verdict) => (
          verdict.kind === 'refused' ? { verdict: 'refused', code: verdict.code, message: verdict.message ?? ERRORS[verdict.code].message } : { verdict: verdict.kind }
        )))));
      } },
    },
  };
}
