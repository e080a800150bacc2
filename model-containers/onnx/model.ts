import type { Tensor } from 'onnxruntime-node';
import type { Batch, Outputs, ServeOptions } from '../typescript/predict.ts';
import type { OnnxOptions } from './options.ts';
import type { Session } from './session.ts';
import { openSession } from './session.ts';
import { readSignature } from './signature.ts';
import { fromOnnx, toOnnx } from './tensors.ts';

/** A model file, ready to be served: what it takes and gives, and how a batch goes through it. */
export interface OnnxModel {
  readonly serving: ServeOptions;
  /** Blocks while the model computes. */
  readonly predict: (batch: Batch) => Outputs;
}

/** Loads the file at `path`; its signature is that of the file. Throws an Error that says what is wrong with it. */
export function loadModel(path: string, options: OnnxOptions): OnnxModel {
  const session = openSession(path, options);
  const { inputs, outputs } = readSignature(session.inputs, session.outputs, options.outputs);
  const serving: ServeOptions = {
    inputs,
    outputs,
    warmUp: options.warmUp,
    kit: 'tradewind-onnx/0.1.0',
    about: { framework: 'onnxruntime', providers: options.providers.join(','), threads: options.threads },
    ...(options.maxBatch && { maxBatch: options.maxBatch }),
    ...(options.maxInFlight && { maxInFlight: options.maxInFlight }),
  };
  const all = outputs.map(({ name }) => name);
  return { serving, predict: (batch) => run(session, all, batch) };
}

function run(session: Session, all: readonly string[], batch: Batch): Outputs {
  const feeds: Record<string, Tensor> = {};
  for (const name of Object.keys(batch.inputs)) {
    const tensor = batch.inputs[name];
    if (tensor !== undefined) feeds[name] = toOnnx(tensor, batch);
  }
  const names = batch.wanted ?? all;
  const results = session.run(feeds, names);
  const outputs: Record<string, Outputs[string]> = {};
  for (const name of names) {
    const result = results[name];
    if (result !== undefined) outputs[name] = fromOnnx(result);
  }
  return outputs;
}
