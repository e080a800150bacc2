import { type TSchema, Type } from 'typebox';
import { DTYPES } from '../../protos/dtype.ts';
import { ERRORS, type ErrorCode } from '../domain/errors.ts';
import { NAME_PATTERN } from '../domain/model.ts';
import type { RouteEntry, RouteParameter } from './route-table.ts';

/*
 * Documentation of the predict route. Bodies are not checked against it (the parser does that while it reads); a test
 * holds schema and parser to the same verdict.
 */

const Name = Type.String({ pattern: NAME_PATTERN });
const Version = Type.Union([
  Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  Type.String({ pattern: NAME_PATTERN, not: { pattern: '^[0-9]+$' }, description: 'A label.' }),
]);
const SloMs = Type.Number({ exclusiveMinimum: 0, description: 'Latency objective in milliseconds, within the bounds of the app; its own where absent.' });
const Context = Type.Object({}, { description: 'What the caller says about the query, for the policy.' });

const Row = Type.Unknown({
  description: 'One row: a number, boolean, string, flat or nested array by the input\'s shape, or `{"b64": "…"}`; an object by input names where the model has several.',
});

const asides = {
  slo_ms: Type.Optional(SloMs),
  context: Type.Optional(Context),
  model: Type.Optional(Name),
  version: Type.Optional(Version),
  explain: Type.Optional(Type.Boolean()),
};

export const PredictBodySchema = Type.Union([
  Type.Object({ input: Row, ...asides }, { additionalProperties: false }),
  Type.Object({ inputs: Type.Array(Row, { minItems: 1, description: 'Many rows: one query, one receipt.' }), ...asides }, { additionalProperties: false }),
]);

const MISSES = Object.keys(ERRORS).filter((code) => ERRORS[code as ErrorCode].miss) as ErrorCode[];
const Source = Type.Union([Type.Literal('model'), Type.Literal('ensemble'), Type.Literal('default')]);
const Cached = Type.Literal(true, { description: 'Answered from the prediction cache: the model was not asked again.' });
const Reason = Type.Unsafe<string>({ type: 'string', enum: MISSES, description: 'Why the default was given.' });
const Confidence = Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()]);
const Output = Type.Unknown({ description: 'A label, a value, or nested arrays by shape; an object by names where the model has several outputs. Numbers that are not finite are null.' });

export const PredictAnswerSchema = Type.Object({
  decision_id: Type.String({ maxLength: 128, description: 'The receipt; row i of many is `<decision_id>.<i>`.' }),
  output: Type.Optional(Output),
  outputs: Type.Optional(Type.Array(Output)),
  rows: Type.Optional(Type.Array(Type.Object({ source: Source, cached: Type.Optional(Cached), reason: Type.Optional(Reason), confidence: Type.Optional(Confidence) }), {
    description: 'Where rows differ in these.',
  })),
  model: Type.Optional(Type.String()),
  version: Type.Optional(Type.Integer()),
  source: Source,
  cached: Type.Optional(Cached),
  reason: Type.Optional(Reason),
  reason_text: Type.Optional(Type.String()),
  confidence: Type.Optional(Confidence),
  latency_ms: Type.Number(),
  missing: Type.Optional(Type.Array(Type.String(), { description: 'Arms that did not answer in time.' })),
  explanation: Type.Optional(Type.Object({})),
});

const BINARY_ASIDES: readonly (readonly [word: string, description: string, schema: TSchema])[] = [
  ['slo_ms', 'Latency objective in milliseconds; also beside a JSON body, whose own wins.', Type.Number({ exclusiveMinimum: 0 })],
  ['dtype', 'Binary bodies: the dtype of the elements; the input\'s where absent.', Type.Unsafe<string>({ type: 'string', enum: [...DTYPES] })],
  ['shape', 'Binary bodies: `28,28` for one row, `16,28,28` for sixteen; one row of the input\'s shape where absent.', Type.String()],
  ['model', 'Binary bodies: asks this model instead of the policy.', Name],
  ['version', 'Binary bodies: asks this version or label.', Type.String()],
  ['explain', 'Binary bodies: whether to explain.', Type.Boolean()],
  ['context', 'Binary bodies: a JSON object.', Type.String()],
];

const parameters: readonly RouteParameter[] = [
  { in: 'path', name: 'app', description: 'The app.', schema: Name },
  ...BINARY_ASIDES.map(([name, description, schema]): RouteParameter => ({ in: 'query', name, description, schema })),
  ...BINARY_ASIDES.map(([name, description, schema]): RouteParameter => ({ in: 'header', name: `tradewind-${name.replaceAll('_', '-')}`, description, schema })),
];

const REFUSALS: readonly ErrorCode[] = [
  'not_json', 'too_deep', 'unknown_field', 'duplicate_field', 'invalid_field', 'missing_input', 'ambiguous_input', 'empty_inputs',
  'too_many_rows', 'unknown_input', 'wrong_shape', 'ragged_input', 'wrong_dtype', 'not_finite', 'invalid_base64', 'invalid_slo',
  'body_too_large', 'answer_too_large', 'unauthenticated', 'forbidden', 'rate_limited', 'unknown_app', 'unknown_model', 'unknown_version', ...MISSES,
];

const binary = { mediaType: 'application/octet-stream', schema: Type.Unsafe<string>({ type: 'string', format: 'binary' }) };

export const PREDICT_ROUTE: RouteEntry = Object.freeze({
  method: 'POST',
  path: '/v1/apps/{app}/predict',
  operationId: 'predict',
  tag: 'predict',
  summary: 'An answer from the best model of the app, inside the latency objective.',
  description: 'A binary body holds the raw little-endian elements of the only input. `Accept: application/octet-stream` asks for the elements of the only output, the rest in `tradewind-*` headers; an answer that has no such form is JSON.',
  parameters,
  body: { required: true, content: [{ mediaType: 'application/json', schema: PredictBodySchema }, binary] },
  replies: [{ status: 200, description: 'A model\'s answer, or the default of the app and why.', content: [{ mediaType: 'application/json', schema: PredictAnswerSchema }, binary] }],
  errors: REFUSALS,
});
