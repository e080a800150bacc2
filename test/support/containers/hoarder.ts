/** A container that keeps as many megabytes for ever as the first element of each row says, once it has answered how many it will have. */
import { serve, type TensorOf } from '../../../model-containers/typescript/serve.ts';

const kept: Buffer[] = [];
let promisedMb = 0;

void serve({ inputs: [{ name: 'x', dtype: 'float32', shape: [1] }], outputs: [{ name: 'kept', dtype: 'float32', shape: [] }] }, ({ inputs, rows }) => {
  const asked = [...(inputs['x'] as TensorOf<'float32'>).data];
  // After the reply, so that no query is asked again of the next replica. Filled: memory that nobody has written to is not resident.
  setImmediate(() => {
    for (const megabytes of asked) kept.push(Buffer.alloc(megabytes * 1_048_576, 1));
  });
  return { kept: Float32Array.from({ length: rows }, (_, row) => {
    promisedMb += asked[row] ?? 0;
    return promisedMb;
  }) };
});
