import { setTimeout as delay } from 'node:timers/promises';
import { failStart, openContainer } from '../../model-containers/typescript/container.ts';
import type { Batch, Outputs } from '../../model-containers/typescript/predict.ts';
import { loadModel } from '../../model-containers/onnx/model.ts';
import { readOptions } from '../../model-containers/onnx/options.ts';
import { permuted } from './permuted.ts';

// A model of the demo that breaks on command: SIGUSR2 makes it take every class for the next one, or ends that. It goes on
// to answer in time, and with the same confidence: only what its callers say of its answers shows that it is broken.
// Beside the options of the ONNX container: delay_ms, by which every answer is late.

const container = openContainer();
let broken = false;
process.on('SIGUSR2', () => { broken = !broken; });
try {
  if (container.path === undefined) throw new Error('it needs the path of a model');
  const { delay_ms: delayMs = 0, ...options } = container.options;
  const { serving, predict } = loadModel(container.path, readOptions(options));
  await container.serve({ ...serving, kit: 'tradewind-breakable/0.1.0' }, async (batch: Batch): Promise<Outputs> => {
    const outputs = predict(batch);
    if (Number(delayMs) > 0) await delay(Number(delayMs));
    return broken ? permuted(outputs, batch.rows) : outputs;
  });
} catch (error) {
  failStart(error);
}
