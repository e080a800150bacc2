import type { Signature } from './domain/model.ts';
import type { SlabPool } from './domain/slabs.ts';
import { JsonPredictParser } from './http/predict-body/json-predict-parser.ts';
import { parseTarget } from './http/predict-body/parse-target.ts';
import type { PredictBody } from './http/predict-body/predict-body.ts';

/** A recorded body as the door would have read it for these inputs; a string says why it is none. Its columns are the caller's to release. */
export function parseRecordedBody(body: string, inputs: Signature['inputs'], slabs: SlabPool): PredictBody | string {
  const parser = new JsonPredictParser();
  parser.reset(parseTarget({ inputs, slabs, sloMinMs: 0, sloMaxMs: Number.MAX_SAFE_INTEGER }));
  parser.push(Buffer.from(body));
  const result = parser.end();
  if (result.ok) return result.body;
  const { path, message } = result.failure;
  return path === undefined ? message : `${path}: ${message}`;
}
