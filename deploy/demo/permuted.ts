import type { Output, Outputs } from '../../model-containers/typescript/predict.ts';

/** Outputs in which each row's scores stand one class further on, the last class's first. What is no float32 stays as it is. */
export function permuted(outputs: Outputs, rows: number): Outputs {
  return Object.fromEntries(Object.entries(outputs).map(([name, output]) => [name, shifted(output, rows)]));
}

function shifted(output: Output, rows: number): Output {
  if (!('dtype' in output) || output.dtype !== 'float32' || rows === 0) return output;
  const { data } = output;
  const classes = data.length / rows;
  return { ...output, data: Float32Array.from(data, (_, at) => data[at - (at % classes) + ((at % classes) + classes - 1) % classes] ?? 0) };
}
