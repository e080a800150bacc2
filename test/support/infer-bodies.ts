import type { Failure } from '../../frontend/domain/answer.ts';
import type { InferBody } from '../../frontend/http/oip/infer-body.ts';
import { InferBodyReader } from '../../frontend/http/oip/infer-body-reader.ts';
import { parseTarget } from '../../frontend/http/predict-body/parse-target.ts';
import { InputPlan } from '../../frontend/protocols/oip/input-plan.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import type { TensorSpec } from '../../protos/wire.ts';

/** What a body came to: the inputs, where they are known, as bytes in hexadecimal, row after row; the memory is given back. */
export interface ReadBody {
  readonly failure?: Failure;
  readonly body?: InferBody;
  readonly inputs?: readonly { readonly name: string; readonly rows: readonly string[] }[];
}

/** Reads bodies with one reader, as the door does. */
export class BodyWorld {
  readonly slabs = new SlabArena({ poison: true });
  readonly reader = new InferBodyReader();
  readonly #plan: InputPlan;
  readonly #target = parseTarget({ inputs: [], slabs: this.slabs, sloMinMs: 0, sloMaxMs: Infinity, maxRows: 4096, maxBinaryBytes: 1 << 20, nonFinite: true });

  constructor(inputs: readonly TensorSpec[] | undefined) {
    this.#plan = new InputPlan('m', inputs);
  }

  read(body: Uint8Array | string, { jsonBytes, cuts = [] }: { readonly jsonBytes?: number; readonly cuts?: readonly number[] } = {}): ReadBody {
    const bytes = Buffer.from(body);
    this.reader.reset(this.#plan, this.#target, jsonBytes);
    let at = 0;
    for (const cut of [...cuts, bytes.length]) {
      this.reader.push(bytes.subarray(at, cut));
      at = cut;
    }
    const result = this.reader.end();
    if (!result.ok) return { failure: result.failure };
    const { columns, rows } = result.body.input;
    if (columns === undefined) return { body: result.body };
    const inputs = columns.map(({ name, slab, offset, strideBytes, rowBytes, spans }) => ({
      name,
      rows: Array.from({ length: rows }, (_, row) => {
        const from = spans?.offsets[row] ?? offset + row * strideBytes;
        return Buffer.from(slab.bytes.subarray(from, from + (spans?.lengths[row] ?? rowBytes))).toString('hex');
      }),
    }));
    for (const { slab } of columns) this.slabs.release(slab);
    return { body: result.body, inputs };
  }
}
