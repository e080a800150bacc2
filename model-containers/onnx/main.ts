import { failStart, openContainer } from '../typescript/container.ts';
import { loadModel } from './model.ts';
import { readOptions } from './options.ts';

// The ONNX container: serves the model file that it is given, with the signature that the file has.

const container = openContainer();
try {
  if (container.path === undefined) throw new Error('the ONNX container needs the path of a model: TRADEWIND_PATH (--path)');
  const { serving, predict } = loadModel(container.path, readOptions(container.options));
  await container.serve(serving, predict);
} catch (error) {
  failStart(error);
}
