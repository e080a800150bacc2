import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oipError } from '../../../../../frontend/http/oip/oip-error.ts';

test('a refusal is one line of text with the status of the table', () => {
  const { status, headers, body } = oipError({ code: 'unknown_model', message: "Request for unknown model: 'x' is not found", decisionId: 'd' }, 'r1');
  assert.deepEqual([status, JSON.parse(body)], [404, { error: "Request for unknown model: 'x' is not found" }]);
  assert.equal(headers[headers.indexOf('tradewind-decision-id') + 1], 'd');
  assert.deepEqual(JSON.parse(oipError({ code: 'overloaded', message: '' }, 'r').body), { error: 'The broker holds as many queries as it may.' });
});
