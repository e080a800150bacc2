import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { requiredParts, requirePart } from './requirements.ts';

/** A SavedModel with signatures of many dtypes: models/make-saved-model.py. */
export const SAVED_MODEL = fileURLToPath(new URL('./models/saved-model', import.meta.url));
/** The Python that model-containers/tensorflow/prepare.sh makes. */
export const TENSORFLOW_PYTHON = fileURLToPath(new URL('../../.venv/tensorflow/bin/python', import.meta.url));

const BINDING = fileURLToPath(new URL('../../model-containers/tensorflow/.tensorflow/cpu/tfjs_binding.node', import.meta.url));

/** For `skip`: false where Node's binding of TensorFlow is prepared, else the reason; an error where TRADEWIND_REQUIRE names tensorflow. */
export function requireBinding(): string | false {
  if (existsSync(BINDING)) return false;
  const reason = 'Node\'s binding of TensorFlow is not prepared on this machine';
  if (requiredParts().includes('tensorflow')) throw new Error(`${reason}, but TRADEWIND_REQUIRE names it`);
  return reason;
}

/** The same for a Python with TensorFlow. */
export function requireTensorflowPython(): string | false {
  return requirePart('tensorflow');
}
