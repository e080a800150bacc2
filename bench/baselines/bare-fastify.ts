import fastify from 'fastify';
import { announce, readArguments } from './fixed-answer.ts';

/**
 * Fastify as its users write it: a schema for the body (checked), a schema for the answer (serialised by it), `JSON.parse`,
 * the default body collector. It makes the input a Float32Array and answers without any model.
 */
const { features, answer } = readArguments();
const server = fastify();

const response = {
  200: {
    type: 'object',
    properties: {
      decision_id: { type: 'string' }, output: { type: 'integer' }, model: { type: 'string' }, version: { type: 'integer' },
      source: { type: 'string' }, confidence: { type: 'number' }, latency_ms: { type: 'number' },
    },
  },
} as const;
const body = {
  type: 'object',
  required: ['input'],
  additionalProperties: false,
  properties: {
    input: { type: 'array', items: { type: 'number' }, minItems: features, maxItems: features },
    slo_ms: { type: 'number', exclusiveMinimum: 0 },
  },
} as const;

server.post<{ Body: { input: number[] } }>('/v1/apps/bench/predict', { schema: { body, response } }, async (request) => {
  const input = Float32Array.from(request.body.input);
  return input.length === features ? answer : {};
});

server.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_request, payload, done) => done(null, payload));
server.post<{ Body: Buffer }>('/v1/apps/bytes/predict', { schema: { response } }, async (request) => {
  const { body: bytes } = request;
  const input = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return input.length === features ? answer : {};
});

await server.listen({ host: '127.0.0.1', port: 0 });
const address = server.server.address();
announce(typeof address === 'object' && address !== null ? address.port : 0);
