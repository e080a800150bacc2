import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { failStart, openContainer } from '../typescript/container.ts';
import type { Batch, Outputs, ServeOptions } from '../typescript/predict.ts';
import { readOptions } from './options.ts';
import { openSession } from './session.ts';
import { readSignature } from './signature.ts';
import { fromOnnx, toOnnx } from './tensors.ts';

// The ONNX container: serves the model file that it is given, with the signature that the file has.

const container = openContainer();
try {
  const { session, serving } = await load();
  await container.serve(serving, (batch) => run(session, serving, batch));
} catch (error) {
  failStart(error);
}

async function load(): Promise<{ session: InferenceSession; serving: ServeOptions }> {
  if (container.path === undefined) throw new Error('the ONNX container needs the path of a model: TRADEWIND_PATH (--path)');
  const options = readOptions(container.options);
  const session = await openSession(container.path, options);
  const { inputs, outputs } = readSignature(session.inputMetadata, session.outputMetadata, options.outputs);
  const serving: ServeOptions = {
    inputs,
    outputs,
    warmUp: options.warmUp,
    kit: 'tradewind-onnx/0.1.0',
    about: { framework: 'onnxruntime', providers: options.providers.join(','), threads: options.threads },
    ...(options.maxBatch && { maxBatch: options.maxBatch }),
    ...(options.maxInFlight && { maxInFlight: options.maxInFlight }),
  };
  return { session, serving };
}

async function run(session: InferenceSession, serving: ServeOptions, batch: Batch): Promise<Outputs> {
  const feeds: Record<string, Tensor> = {};
  for (const name of Object.keys(batch.inputs)) {
    const tensor = batch.inputs[name];
    if (tensor !== undefined) feeds[name] = toOnnx(tensor, batch);
  }
  const names = batch.wanted ?? (serving.outputs ?? []).map(({ name }) => name);
  const results = await session.run(feeds, names);
  const outputs: Record<string, Outputs[string]> = {};
  for (const name of names) {
    const result = results[name];
    if (result !== undefined) outputs[name] = fromOnnx(result);
  }
  return outputs;
}
