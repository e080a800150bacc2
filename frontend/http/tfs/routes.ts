import { type TSchema, Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../../domain/errors.ts';
import type { RouteEntry, RouteParameter } from '../route-table.ts';

/* Documentation of TensorFlow Serving's REST API as it is served here. One wildcard route takes all of it (door.ts). */

const TAG = 'TensorFlow Serving';
const MISSES = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].miss);
const Tensor = Type.Unknown({ description: 'A value, nested lists by shape, or `{"b64": "…"}` for bytes. Numbers may be `NaN`, `Infinity` and `-Infinity`.' });
const SignatureName = Type.Optional(Type.String({ description: '`serving_default` unless said.' }));

const PredictBody = Type.Union([
  Type.Object({ instances: Type.Array(Tensor, { minItems: 1, description: 'Row form: a tensor a row, or an object of named inputs.' }), signature_name: SignatureName, output_filter: Type.Optional(Type.Array(Type.String())) }),
  Type.Object({ inputs: Tensor, signature_name: SignatureName, output_filter: Type.Optional(Type.Array(Type.String())) }, { description: 'Column form: a tensor, or an object of them, whose first dimension is the batch.' }),
]);
const PredictAnswer = Type.Union([
  Type.Object({ predictions: Type.Array(Tensor) }),
  Type.Object({ outputs: Tensor }),
]);
const ExamplesBody = Type.Object({
  signature_name: SignatureName,
  context: Type.Optional(Type.Object({}, { description: 'Features that all examples share.' })),
  examples: Type.Array(Type.Object({}, { description: 'feature → value or list of values' }), { minItems: 1 }),
});
const MetadataAnswer = Type.Object({ model_spec: Type.Object({}), metadata: Type.Object({}) });
const Results = Type.Object({ results: Type.Array(Type.Unknown()) });
const StatusAnswer = Type.Object({
  model_version_status: Type.Array(Type.Object({
    version: Type.String(), state: Type.Union([Type.Literal('LOADING'), Type.Literal('AVAILABLE'), Type.Literal('END')]), status: Type.Object({ error_code: Type.String(), error_message: Type.String() }),
  })),
});

const model: RouteParameter = { in: 'path', name: 'model', description: 'A model, or an app.', schema: Type.String() };
const version: RouteParameter = { in: 'path', name: 'version', description: 'A version of the model.', schema: Type.Integer({ minimum: 1 }) };
const label: RouteParameter = { in: 'path', name: 'label', description: 'A label of the model.', schema: Type.String() };
const beside: readonly RouteParameter[] = [
  { in: 'header', name: 'tradewind-slo-ms', description: 'Latency objective in milliseconds.', schema: Type.Number({ exclusiveMinimum: 0 }) },
  { in: 'header', name: 'tradewind-context', description: 'What the caller says about the query: a JSON object.', schema: Type.String() },
  { in: 'header', name: 'tradewind-priority', description: '`critical`, `normal` or `sheddable`.', schema: Type.String() },
];

const REFUSALS: readonly ErrorCode[] = [
  'not_json', 'too_deep', 'duplicate_field', 'invalid_field', 'missing_input', 'ambiguous_input', 'empty_inputs', 'too_many_rows', 'unknown_input', 'wrong_shape',
  'ragged_input', 'wrong_dtype', 'not_finite', 'invalid_base64', 'invalid_slo', 'body_too_large', 'answer_too_large', 'unauthenticated', 'forbidden', 'rate_limited', 'unknown_model', 'unknown_version', ...MISSES,
];

const WHICH: readonly Which[] = [
  { path: '/v1/models/{model}', word: '', parameters: [model] },
  { path: '/v1/models/{model}/versions/{version}', word: 'Version', parameters: [model, version] },
  { path: '/v1/models/{model}/labels/{label}', word: 'Label', parameters: [model, label] },
];

export const TFS_ROUTES: readonly RouteEntry[] = Object.freeze(WHICH.flatMap((which): RouteEntry[] => [
  look(which, { operationId: 'tfsStatus', path: '', summary: 'Which versions there are, and whether they answer.', answer: StatusAnswer }),
  look(which, { operationId: 'tfsMetadata', path: '/metadata', summary: 'The signatures of the model.', answer: MetadataAnswer }),
  infer(which, { operationId: 'tfsPredict', path: ':predict', summary: 'What the model answers.', body: PredictBody, answer: PredictAnswer }),
  infer(which, { operationId: 'tfsClassify', path: ':classify', summary: 'Classes and their scores, of Examples.', body: ExamplesBody, answer: Results }),
  infer(which, { operationId: 'tfsRegress', path: ':regress', summary: 'One number for each Example.', body: ExamplesBody, answer: Results }),
]));

/** How the model is named in the path. */
interface Which {
  readonly path: string;
  readonly word: string;
  readonly parameters: readonly RouteParameter[];
}

interface Told {
  readonly operationId: string;
  /** What follows the model. */
  readonly path: string;
  readonly summary: string;
  readonly answer: TSchema;
}

function look({ path, word, parameters }: Which, told: Told): RouteEntry {
  return {
    method: 'GET', path: `${path}${told.path}`, operationId: `${told.operationId}${word}`, tag: TAG, summary: told.summary, parameters,
    replies: [json('What is known.', told.answer)], errors: ['unknown_model', 'unknown_version'],
  };
}

function infer({ path, word, parameters }: Which, told: Told & { readonly body: TSchema }): RouteEntry {
  return {
    method: 'POST', path: `${path}${told.path}`, operationId: `${told.operationId}${word}`, tag: TAG, summary: told.summary, parameters: [...parameters, ...beside],
    description: 'Errors are `{ "error": "…" }`. `tradewind-…` headers of the answer say what chose it.',
    body: { required: true, content: [{ mediaType: 'application/json', schema: told.body }] }, replies: [json('The answer.', told.answer)], errors: REFUSALS,
  };
}

function json(description: string, schema: TSchema): RouteEntry['replies'][number] {
  return { status: 200, description, content: [{ mediaType: 'application/json', schema }] };
}
