import { performance } from 'node:perf_hooks';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** A model in this very process, on one thread: what an ONNX container is held against. */
export interface InProcess {
  readonly input: string;
  /** Runs the same batch again and again, for as long once more before that; rows a second. */
  rowsPerSecond(batch: { readonly rows: number; readonly values: Float32Array; readonly seconds: number }): Promise<number>;
  close(): Promise<void>;
}

export async function openInProcess(file: string): Promise<InProcess> {
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const [input = ''] = session.inputNames;
  const runFor = async (tensor: Tensor, seconds: number): Promise<number> => {
    const from = performance.now();
    let batches = 0;
    for (; performance.now() - from < seconds * 1000; batches++) await session.run({ [input]: tensor });
    return (batches * 1000) / (performance.now() - from);
  };
  return {
    input,
    rowsPerSecond: async ({ rows, values, seconds }) => {
      const tensor = new Tensor('float32', values, [rows, values.length / rows]);
      await runFor(tensor, seconds);
      return rows * (await runFor(tensor, seconds));
    },
    close: () => session.release(),
  };
}
