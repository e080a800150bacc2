import { Type } from 'typebox';
import type { RouteEntry } from './route-table.ts';

/** Of the `id` of a piece of feedback. */
export const MOST_ID_CHARACTERS = 128;

const common = {
  decision_id: Type.String({ description: 'As the answer had it; `<decision_id>.<row>` where it had many rows.', maxLength: 160 }),
  id: Type.Optional(Type.String({ minLength: 1, maxLength: MOST_ID_CHARACTERS, description: 'Tells a repeat from a further reward; needed where the app takes the sum or the mean.' })),
};

/** Documentation: bodies are read by `feedback-body.ts`, which takes all that fits; what is left of it is for the app to judge. */
export const FeedbackItemSchema = Type.Union([
  Type.Object({ ...common, reward: Type.Number({ minimum: 0, maximum: 1, description: 'Higher is better.' }) }, { additionalProperties: false }),
  Type.Object({ ...common, label: Type.Union([Type.String({ maxLength: 256 }), Type.Number()], { description: 'What the answer should have been: each arm that answered is rewarded by its own output.' }) }, { additionalProperties: false }),
  Type.Object({ ...common, value: Type.Number({ description: 'Within the range of the app: `feedback.value_min` to `feedback.value_max`.' }) }, { additionalProperties: false }),
]);

const Verdict = Type.Object({
  verdict: Type.Union([Type.Literal('accepted'), Type.Literal('repeated'), Type.Literal('not_teachable'), Type.Literal('refused')], {
    description: '`accepted`: durable and counted. `repeated`: it was before. `not_teachable`: durable, and credited to no arm, since the query was pinned or got a default, or what was said of it before has been forgotten.',
  }),
  error: Type.Optional(Type.Object({ code: Type.String(), message: Type.String(), retryable: Type.Boolean(), path: Type.Optional(Type.String()) })),
});

export const FEEDBACK_ROUTE: RouteEntry = Object.freeze<RouteEntry>({
  method: 'POST', path: '/v1/feedback', operationId: 'feedback', tag: 'feedback', summary: 'Says what answers were worth.',
  description: 'Answered once all of it is durable. An array is judged item by item; where all are refused for one reason, that is the answer.',
  body: { required: true, content: [{ mediaType: 'application/json', schema: Type.Union([FeedbackItemSchema, Type.Array(FeedbackItemSchema, { minItems: 1 })]) }] },
  replies: [
    { status: 200, description: 'It was counted before.', content: [{ mediaType: 'application/json', schema: Verdict }] },
    { status: 202, description: 'Durable; an array: none was refused.', content: [{ mediaType: 'application/json', schema: Type.Union([Verdict, Type.Object({ results: Type.Array(Verdict) })]) }] },
    { status: 207, description: 'An array of which some were refused.', content: [{ mediaType: 'application/json', schema: Type.Object({ results: Type.Array(Verdict) }) }] },
  ],
  errors: [
    'not_json', 'invalid_field', 'unknown_field', 'body_too_large', 'unauthenticated', 'forbidden', 'rate_limited', 'unknown_decision', 'forged_decision', 'retired_key', 'future_decision', 'unknown_app',
    'feedback_late', 'invalid_reward', 'not_an_app', 'label_unavailable', 'feedback_full', 'feedback_overloaded', 'feedback_unavailable',
  ],
});
