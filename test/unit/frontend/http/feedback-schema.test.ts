import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Check } from 'typebox/value';
import { readFeedbackBody } from '../../../../frontend/http/feedback-body.ts';
import { FEEDBACK_ROUTE, FeedbackItemSchema } from '../../../../frontend/http/feedback-schema.ts';
import { openApiDocument } from '../../../../frontend/http/openapi.ts';

test('what fits the schema is taken, and what the reader refuses does not fit', () => {
  const bodies = [
    { decision_id: 'd', reward: 0.5 }, { decision_id: 'd', label: 'x', id: 'i' }, { decision_id: 'd', value: -3 }, {}, { decision_id: 'd' }, { decision_id: 'd', reward: 1, label: 'x' },
    { decision_id: 'd', reward: 1, more: 1 }, { decision_id: 5, reward: 1 }, { decision_id: 'd', reward: 1, id: '' }, 'd', null,
  ];
  const taken = bodies.filter((body) => {
    try {
      readFeedbackBody(body, 1);
      return true;
    } catch {
      return false;
    }
  });
  assert.deepEqual(bodies.filter((body) => Check(FeedbackItemSchema, body)), taken);
  assert.equal(taken.length, 3);
});

test('the route is documented in OpenAPI', async () => {
  const document = openApiDocument([FEEDBACK_ROUTE], '1');
  const result = await new Validator().validate(JSON.parse(JSON.stringify(document)) as Record<string, unknown>);
  assert.equal(result.valid, true, JSON.stringify(result.errors));
});
