import { serve } from '../../model-containers/typescript/serve.ts';

// A container that does nothing: what is left is the wire.

await serve(
  { inputs: [{ name: 'input', dtype: 'float32', shape: [784] }], outputs: [{ name: 'output', dtype: 'float32', shape: [] }], maxInFlight: 2, warmUp: [1] },
  ({ rows }) => ({ output: new Float32Array(rows) }),
);
