import { failStart, openContainer, readStart } from '../typescript/container.ts';
import { becomePython } from './become-python.ts';
import { chooseRuntime } from './choose-runtime.ts';
import { chosenOutputs, loadModel } from './model.ts';
import { readOptions, tensorflowEnvironment } from './options.ts';
import { readSavedModel } from './saved-model.ts';

// The TensorFlow container: serves one signature of the SavedModel that it is given, through the native binding of
// @tensorflow/tfjs-node, or where that is not here or cannot carry the signature, as the Python container.

const start = readStart();
try {
  if (start.path === undefined) throw new Error('the TensorFlow container needs the folder of a SavedModel: TRADEWIND_PATH (--path)');
  const options = readOptions(start.options);
  const signature = chosenOutputs(readSavedModel(start.path, options.signature), options.outputs);
  Object.assign(process.env, tensorflowEnvironment(options));
  const chosen = chooseRuntime(signature, options.runtime);
  // The log of the broker shows it: which program answers is never a guess.
  process.stderr.write(`served by ${chosen.runtime}${chosen.because.length > 0 ? `: ${chosen.because.join('; ')}` : ''}\n`);
  if (chosen.runtime === 'python') becomePython(start);
  const container = openContainer(start);
  const { serving, predict } = loadModel({ ...chosen, folder: start.path, signature, options });
  await container.serve(serving, predict);
} catch (error) {
  failStart(error);
}
