import type { Binding, BindingData, BindingTensor } from '../../model-containers/tensorflow/binding.ts';

/** Node's binding of TensorFlow without TensorFlow: answers what it is told to, and knows which tensors are held. */
export class FakeBinding implements Binding {
  readonly TF_Version = '2.fake';
  readonly held = new Map<number, BindingData>();
  /** Names of the nodes of each run. */
  readonly ran: [string, string][] = [];
  answers: readonly { readonly shape: readonly number[]; readonly dtype: number; readonly data: BindingData }[] = [];
  fault: Error | undefined;
  #last = 0;

  createTensor(_shape: readonly number[], _type: number, data: BindingData): number {
    this.held.set(++this.#last, data);
    return this.#last;
  }

  deleteTensor(id: number): void {
    if (!this.held.delete(id)) throw new Error(`tensor ${id} is not held`);
  }

  tensorDataSync(id: number): BindingData {
    const data = this.held.get(id);
    if (data === undefined) throw new Error(`tensor ${id} is not held`);
    return data;
  }

  loadSavedModel(): number {
    return 1;
  }

  runSavedModel(_model: number, _inputs: readonly number[], inputNodes: string, outputNodes: string): readonly BindingTensor[] {
    this.ran.push([inputNodes, outputNodes]);
    if (this.fault !== undefined) throw this.fault;
    return this.answers.map(({ shape, dtype, data }) => ({ id: this.createTensor(shape, dtype, data), shape, dtype }));
  }

  isUsingGpuDevice(): boolean {
    return false;
  }
}
