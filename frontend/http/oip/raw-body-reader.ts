import { DTYPE_BYTES } from '../../../protos/dtype.ts';
import { OIP_DATATYPE } from '../../../protos/oip-datatype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import type { Failure } from '../../domain/answer.ts';
import { releaseColumns } from '../../protocols/oip/infer-call.ts';
import type { InputPlan } from '../../protocols/oip/input-plan.ts';
import { rawColumn } from '../../protocols/oip/raw-column.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import type { CountedRows } from '../../protocols/ask.ts';
import type { InferBody, InferBodyResult } from './infer-body.ts';

/** How many rows a request has cannot be told without the input; most are a single one: a picture, a text. */
const ONE_ROW: CountedRows = Object.freeze({ rows: 1 });

/**
 * Reads a raw binary request (`Inference-Header-Content-Length: 0`): the body is the one input of the model, row after row; of
 * dtype `bytes` it is one element of one row. All outputs are asked for, raw.
 */
export class RawBodyReader {
  readonly #plan: InputPlan;
  readonly #slabs: SlabPool;
  #chunks: Buffer[] = [];

  constructor(plan: InputPlan, slabs: SlabPool) {
    this.#plan = plan;
    this.#slabs = slabs;
  }

  push(chunk: Buffer): void {
    if (this.#plan.specs !== undefined) this.#chunks.push(Buffer.from(chunk));
  }

  end(): InferBodyResult {
    const { specs } = this.#plan;
    if (specs === undefined) return taken(ONE_ROW);
    const body = Buffer.concat(this.#chunks);
    this.abort();
    const [spec, ...others] = specs;
    if (spec === undefined || others.length > 0) return { ok: false, failure: { code: 'missing_input', message: 'a raw binary request needs a model with exactly one input' } };
    const shape = shapeOf(spec, body.length);
    const fitted = 'code' in shape ? shape : this.#plan.fit({ name: spec.name, datatype: OIP_DATATYPE[spec.dtype], shape });
    if ('code' in fitted) return { ok: false, failure: fitted };
    const column = rawColumn(fitted, spec.dtype === 'bytes' ? element(body) : body, this.#slabs);
    if ('code' in column) return { ok: false, failure: column };
    const input = this.#plan.rowsOf([column], [fitted.rows]);
    if ('code' in input) {
      releaseColumns([column], this.#slabs);
      return { ok: false, failure: input };
    }
    return taken(input);
  }

  abort(): void {
    this.#chunks = [];
  }
}

function taken(input: InferBody['input']): InferBodyResult {
  return { ok: true, body: { input, id: undefined, parameters: {}, outputs: [], binaryOutput: true } };
}

/** What `bytes` bytes of this input come to: as many rows as there are, or one whose open extent they settle. */
function shapeOf({ name, dtype, shape }: TensorSpec, bytes: number): readonly number[] | Failure {
  const size = DTYPE_BYTES[dtype];
  const open = shape.filter((extent) => extent < 0).length;
  const unit = shape.reduce((product, extent) => (extent < 0 ? product : product * extent), size);
  if (size === 0) return [1, ...shape.map((extent) => (extent < 0 ? 1 : extent))];
  if (open > 1) return { code: 'wrong_shape', message: `the shape of input '${name}' cannot be told from the size of a raw binary request` };
  if (bytes === 0 || bytes % unit !== 0) return { code: 'wrong_shape', message: `unexpected total byte size ${bytes} for input '${name}', expecting a multiple of ${unit}` };
  return open === 0 ? [bytes / unit, ...shape] : [1, ...shape.map((extent) => (extent < 0 ? bytes / unit : extent))];
}

function element(body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}
