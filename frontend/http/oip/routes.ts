import { type TSchema, Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../../domain/errors.ts';
import type { RouteEntry, RouteParameter } from '../route-table.ts';

/* Documentation of the Open Inference Protocol as it is served here (plugin.ts registers the routes; a test holds the two equal). */

const TAG = 'Open Inference Protocol';
const MISSES = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => ERRORS[code].miss);

const Parameters = Type.Object({}, { description: 'Words with a string, number or boolean each.' });
const Shape = Type.Array(Type.Integer(), { description: 'The first extent is the rows.' });
const Datatype = Type.Unsafe<string>({ type: 'string', enum: ['BOOL', 'UINT8', 'UINT16', 'UINT32', 'UINT64', 'INT8', 'INT16', 'INT32', 'INT64', 'FP16', 'BF16', 'FP32', 'FP64', 'BYTES'] });
const Tensor = Type.Object({ name: Type.String(), shape: Shape, datatype: Datatype, parameters: Type.Optional(Parameters), data: Type.Optional(Type.Array(Type.Unknown(), { description: 'Elements in row-major order, nested or flat; left out where they stand raw behind the JSON.' })) });
const InferBody = Type.Object({
  id: Type.Optional(Type.String()),
  parameters: Type.Optional(Type.Object({
    timeout: Type.Optional(Type.Integer({ description: 'The latency objective in microseconds.' })),
    slo_ms: Type.Optional(Type.Number({ description: 'The same in milliseconds.' })),
    priority: Type.Optional(Type.Integer({ minimum: 0, description: '1 critical, 2 normal, 3 and more sheddable; 0: as the app has it.' })),
    context: Type.Optional(Type.String({ description: 'What the caller says about the query: a JSON object, as text.' })),
    binary_data_output: Type.Optional(Type.Boolean({ description: 'Outputs go raw, behind the JSON.' })),
  })),
  inputs: Type.Array(Tensor),
  outputs: Type.Optional(Type.Array(Type.Object({ name: Type.String(), parameters: Type.Optional(Type.Object({
    binary_data: Type.Optional(Type.Boolean()), classification: Type.Optional(Type.Integer({ description: 'So many classes, the most probable first, in place of scores.' })),
  })) }))),
});
const InferAnswer = Type.Object({
  model_name: Type.String(), model_version: Type.String(), id: Type.Optional(Type.String()),
  parameters: Type.Object({
    decision_id: Type.Optional(Type.String({ description: 'The receipt, for feedback.' })), source: Type.String(), model: Type.Optional(Type.String()), version: Type.Optional(Type.Integer()),
    confidence: Type.Optional(Type.Number()), reason: Type.Optional(Type.String()),
  }),
  outputs: Type.Array(Tensor),
});
const TensorMetadata = Type.Array(Type.Object({ name: Type.String(), datatype: Datatype, shape: Shape }));
const Duration = Type.Object({ count: Type.Integer(), ns: Type.Integer() });

const SERVER_ROUTES: readonly RouteEntry[] = [
  get('/v2', 'oipServer', 'The server and the extensions that it speaks.', Type.Object({ name: Type.String(), version: Type.String(), extensions: Type.Array(Type.String()) })),
  get('/v2/health/live', 'oipLive', 'Whether the broker runs.', Type.Object({ live: Type.Boolean() })),
  { ...get('/v2/health/ready', 'oipReady', 'Whether queries may be sent here, as `/readyz` has it.', Type.Object({ ready: Type.Boolean() })), replies: readiness(Type.Object({ ready: Type.Boolean() })) },
  get('/v2/models', 'oipModels', 'Every name: apps and models.', Type.Object({ models: Type.Array(Type.String()) })),
  get('/v2/models/stats', 'oipAllStatistics', 'What was done under every name.', statistics()),
  change('/v2/repository/index', 'oipIndex', 'Every name and version, and whether it answers.', { parameters: [], body: Type.Object({ ready: Type.Optional(Type.Boolean()) }), answer: Type.Array(Type.Object({ name: Type.String(), version: Type.String(), state: Type.String(), reason: Type.String() })), errors: ['not_json'] }),
  change('/v2/repository/models/{model}/{change}', 'oipRepository', 'Loads or unloads a model, by the rules of admin.', {
    parameters: [path('model', 'A model.'), { in: 'path', name: 'change', description: 'What is to be done.', schema: Type.Unsafe<string>({ type: 'string', enum: ['load', 'unload'] }) }],
    body: Type.Object({ parameters: Type.Optional(Parameters) }), answer: Type.Object({}), errors: ['unknown_route', 'unknown_model', 'unauthenticated', 'cross_origin', 'invalid_config', 'in_use', 'not_json', 'invalid_field'],
  }),
];

export const OIP_ROUTES: readonly RouteEntry[] = Object.freeze([
  ...SERVER_ROUTES,
  ...modelRoutes('/v2/models/{model}', '', [path('model', 'A model, or an app.')]),
  ...modelRoutes('/v2/models/{model}/versions/{version}', 'Version', [path('model', 'A model.'), path('version', 'A version, or a label.')]),
]);

function modelRoutes(base: string, word: string, parameters: readonly RouteParameter[]): readonly RouteEntry[] {
  const about = (suffix: string, operation: string, summary: string, answer: TSchema): RouteEntry => ({ ...get(`${base}${suffix}`, `${operation}${word}`, summary, answer), parameters, errors: ['unknown_model', 'unknown_version'] });
  const ready = Type.Object({ name: Type.String(), ready: Type.Boolean() });
  return [
    about('', 'oipModel', 'Inputs, outputs and versions.', Type.Object({ name: Type.String(), versions: Type.Array(Type.String()), platform: Type.String(), inputs: TensorMetadata, outputs: TensorMetadata })),
    { ...about('/ready', 'oipModelReady', 'Whether it answers.', ready), replies: readiness(ready) },
    about('/config', 'oipModelConfig', 'Of Triton\'s model configuration what its clients need.', Type.Object({ name: Type.String(), max_batch_size: Type.Integer(), input: Type.Array(Type.Object({})), output: Type.Array(Type.Object({})) })),
    about('/stats', 'oipStatistics', 'What was done under this name.', statistics()),
    inferRoute(`${base}/infer`, `oipInfer${word}`, parameters),
  ];
}

function inferRoute(url: string, operationId: string, parameters: readonly RouteParameter[]): RouteEntry {
  return {
    method: 'POST', path: url, operationId, tag: TAG, summary: 'What the model answers.', plainErrors: true,
    parameters: [
      ...parameters,
      { in: 'header', name: 'inference-header-content-length', description: 'Bytes of JSON in front of raw tensors; 0: all of the body is the one input.', schema: Type.Integer({ minimum: 0 }) },
      { in: 'header', name: 'tradewind-slo-ms', description: 'Latency objective in milliseconds.', schema: Type.Number({ exclusiveMinimum: 0 }) },
      { in: 'header', name: 'tradewind-context', description: 'What the caller says about the query: a JSON object.', schema: Type.String() },
      { in: 'header', name: 'tradewind-priority', description: '`critical`, `normal` or `sheddable`.', schema: Type.String() },
    ],
    body: { required: true, content: [{ mediaType: 'application/json', schema: InferBody }, { mediaType: 'application/octet-stream', schema: Type.Unknown({ description: 'JSON and raw tensors behind it, or one raw tensor.' }) }] },
    replies: [{ status: 200, description: 'The outputs.', content: [{ mediaType: 'application/json', schema: InferAnswer }, { mediaType: 'application/octet-stream', schema: Type.Unknown({ description: 'The same JSON, and raw tensors behind it.' }) }] }],
    errors: [
      'not_json', 'too_deep', 'duplicate_field', 'invalid_field', 'unknown_field', 'missing_input', 'ambiguous_input', 'empty_inputs', 'too_many_rows', 'unknown_input', 'wrong_shape', 'ragged_input',
      'wrong_dtype', 'not_finite', 'invalid_base64', 'invalid_slo', 'body_too_large', 'answer_too_large', 'unauthenticated', 'forbidden', 'rate_limited', 'unknown_model', 'unknown_version', ...MISSES,
    ],
  };
}

function get(url: string, operationId: string, summary: string, answer: TSchema): RouteEntry {
  return { method: 'GET', path: url, operationId, tag: TAG, summary, plainErrors: true, replies: [{ status: 200, description: 'What is known.', content: [{ mediaType: 'application/json', schema: answer }] }], errors: [] };
}

function change(url: string, operationId: string, summary: string, of: { parameters: readonly RouteParameter[]; body: TSchema; answer: TSchema; errors?: readonly ErrorCode[] }): RouteEntry {
  return {
    method: 'POST', path: url, operationId, tag: TAG, summary, plainErrors: true, ...(of.parameters.length === 0 ? {} : { parameters: of.parameters }),
    body: { required: false, content: [{ mediaType: 'application/json', schema: of.body }] },
    replies: [{ status: 200, description: 'Done.', content: [{ mediaType: 'application/json', schema: of.answer }] }], errors: of.errors ?? [],
  };
}

function readiness(schema: TSchema): RouteEntry['replies'] {
  const content = [{ mediaType: 'application/json', schema }];
  return [{ status: 200, description: 'Ready.', content }, { status: 503, description: 'Not ready.', content }];
}

function path(name: string, description: string): RouteParameter {
  return { in: 'path', name, description, schema: Type.String() };
}

function statistics(): TSchema {
  return Type.Object({ model_stats: Type.Array(Type.Object({ name: Type.String(), version: Type.String(), inference_count: Type.Integer(), execution_count: Type.Integer(), inference_stats: Type.Object({ success: Duration }) })) });
}
