import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { ask, type Served } from './contenders.ts';
import { firstInputs, type FloatInput } from './float-source.ts';
import type { Load } from './loads.ts';
import { modelFile } from './road-broker.ts';

/** Calls the model of a load in this very process, one row at a time: what is left when the whole road is taken away. */
async function openInProcess(load: Load): Promise<(values: Float32Array) => Promise<number>> {
  const session = await InferenceSession.create(modelFile(load), { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const [input = ''] = session.inputNames;
  return async (values) => {
    const { probabilities } = await session.run({ [input]: new Tensor('float32', values, [1, values.length]) }, ['probabilities']);
    return indexOfLargest(probabilities?.data as Float32Array);
  };
}

/** Median microseconds of one call in this process. */
export async function inProcessMicros(load: Load, served: Served, calls: number): Promise<number> {
  const run = await openInProcess(load);
  const inputs = firstInputs(served.requests, 64);
  const samples = new Float64Array(calls);
  for (let i = 0; i < calls; i++) {
    const { values } = inputs[i % inputs.length] as FloatInput;
    const from = performance.now();
    await run(values);
    samples[i] = (performance.now() - from) * 1000;
  }
  return samples.sort()[calls >> 1] ?? 0;
}

/**
 * Asks the road for some inputs and this process's model for the same, and hashes the labels: what is measured must be
 * right first. Rejects where the two differ.
 */
export async function hashOfRightAnswers(load: Load, served: Served, inputs: number): Promise<string> {
  const run = await openInProcess(load);
  const hash = createHash('sha256');
  for (const { body, values } of firstInputs(served.requests, inputs)) {
    const { output } = await ask(served, load, body);
    const expected = await run(values);
    if (output !== expected) throw new Error(`${load.name}: the road answers ${output}, the model in this process ${expected}`);
    hash.update(`${output},`);
  }
  return hash.digest('hex').slice(0, 16);
}

function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? 0) > (values[best] ?? 0)) best = i;
  return best;
}
