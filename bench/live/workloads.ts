import { fileURLToPath } from 'node:url';
import type { FloatOptions } from '../road/float-source.ts';

/** A model, its objective, and the requests that it is asked. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly sloMs: number;
  /** The model's part of the configuration, less name, controller and bounds. */
  readonly model: Readonly<Record<string, unknown>>;
  /** What the app answers. */
  readonly output: 'value' | 'label';
  readonly requests: Pick<FloatOptions, 'form' | 'features' | 'digits'>;
  /** Whose cores the generator shares: a container's that sleeps in place of computing, else the broker's. */
  readonly generatorBeside: 'broker' | 'containers';
}

const FEATURES = 8;

/** A container that sleeps in place of computing, as long as it is told. */
export function synthetic(perRowMs: number, perBatchMs: number, sloMs: number): Workload {
  return {
    name: `${perRowMs}b+${perBatchMs}`,
    title: `${perRowMs}·b + ${perBatchMs} ms, SLO ${sloMs} ms`,
    sloMs,
    model: {
      container: 'synthetic', input: { dtype: 'float32', shape: [FEATURES] }, output: { kind: 'value' },
      options: { per_row_ms: perRowMs, per_batch_ms: perBatchMs },
    },
    output: 'value',
    requests: { form: 'json', features: FEATURES, digits: 7 },
    generatorBeside: 'containers',
  };
}

/** A real model that is slow by the row: batches gain little, and one too many is late. */
const SVM: Workload = {
  name: 'svm',
  title: 'SVM on MNIST (ONNX), SLO 40 ms',
  sloMs: 40,
  model: { container: 'onnx', path: fileURLToPath(new URL('../models/svm-784/1/model.onnx', import.meta.url)), output: { name: 'label', kind: 'label' } },
  output: 'label',
  requests: { form: 'binary', features: 784, digits: 7 },
  generatorBeside: 'broker',
};

/** At 4 × capacity at most some 10,000 requests a second: generator, broker and container share two cores. */
const WORKLOADS: readonly Workload[] = [synthetic(1, 20, 100), synthetic(2, 20, 60), synthetic(0.3, 3, 20), SVM];

/** The part that plays the same version with one replica and with more stands among their names. */
export const REPLICAS = 'replicas';

/** The names of all that can be measured. */
export const PARTS: readonly string[] = [...WORKLOADS.map(({ name }) => name), REPLICAS];

/** A workload's name as a part of a file's. */
export function fileWord(name: string): string {
  return name.replaceAll(/[^a-z0-9.]+/g, '-');
}

/** The workloads of these names; throws RangeError for one that there is not. */
export function workloadsNamed(names: readonly string[]): readonly Workload[] {
  return names.map((name) => {
    const workload = WORKLOADS.find((each) => each.name === name);
    if (workload === undefined) throw new RangeError(`there is no workload ${name}; there are ${PARTS.join(', ')}`);
    return workload;
  });
}
