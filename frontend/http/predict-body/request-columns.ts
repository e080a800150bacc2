import { batchKeyOf } from '../../domain/batch-key.ts';
import type { InputColumn } from '../../domain/query.ts';
import { ColumnBuilder } from './column-builder.ts';
import type { ParseTarget } from './parse-target.ts';

/** The inputs of one request while their rows are read; reused from request to request. */
export class RequestColumns {
  readonly #builders: ColumnBuilder[] = [];
  #target: ParseTarget | undefined;

  /** Makes ready for a request to `target`; what an unfinished one held is given back. */
  reset(target: ParseTarget): void {
    this.release();
    this.#target = target;
    while (this.#builders.length < target.plans.length) this.#builders.push(new ColumnBuilder());
  }

  get target(): ParseTarget {
    if (this.#target === undefined) throw new Error('the columns of a request were used before they were reset');
    return this.#target;
  }

  /** From now on rows are written, at most `maxRows` of them. */
  begin(maxRows: number): void {
    const { target } = this;
    let i = 0;
    for (const plan of target.plans) this.at(i++).begin(target, plan, maxRows);
  }

  /** The column of the input at this place in the signature. */
  at(input: number): ColumnBuilder {
    const builder = this.#builders[input];
    if (builder === undefined) throw new Error(`no column ${input}`);
    return builder;
  }

  /** All columns, whose slabs are now the caller's, and what tells their rows from those of other signatures. */
  finish(): { readonly columns: readonly InputColumn[]; readonly batchKey: string } {
    const { plans, batchKey } = this.target;
    const columns = plans.map((_, i) => this.at(i).finish());
    return { columns, batchKey: batchKey ?? batchKeyOf(plans, columns.map(({ shape }) => shape)) };
  }

  /** Gives back what is held. */
  release(): void {
    for (const builder of this.#builders) builder.release();
  }
}
