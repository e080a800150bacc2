import { dtypeOfOip } from '../../../protos/oip-datatype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import type { Signature } from '../../domain/model.ts';
import type { Refusal } from '../../domain/runtime.ts';
import type { ModelMetadata, TensorMetadata } from './server.ts';

const MAX_TENSORS = 256;
const MAX_RANK = 32;

/**
 * The signature of one row, from a model's metadata: the batch dimension (-1, in front) is left out. A model without one
 * is refused unless `unbatched` says that each call carries one row. Inputs that the metadata does not name come from the
 * configuration (`input`).
 */
export function signatureOf(metadata: ModelMetadata, { unbatched, input }: { unbatched: boolean; input: readonly TensorSpec[] | undefined }): Signature | Refusal {
  const inputs = metadata.inputs.length === 0 ? input ?? [] : specsOf('input', metadata.inputs, unbatched);
  if ('code' in inputs) return inputs;
  if (inputs.length === 0) return refuse('bad_signature', 'neither its metadata nor the configuration names its inputs');
  const outputs = specsOf('output', metadata.outputs, unbatched);
  return 'code' in outputs ? outputs : { inputs, outputs };
}

function specsOf(what: string, tensors: readonly TensorMetadata[], unbatched: boolean): readonly TensorSpec[] | Refusal {
  if (tensors.length > MAX_TENSORS) return refuse('bad_signature', `its metadata names ${tensors.length} ${what}s; at most ${MAX_TENSORS}`);
  const specs: TensorSpec[] = [];
  for (const { name, datatype, shape } of tensors) {
    const said = `its ${what} "${name}"`;
    const dtype = dtypeOfOip(datatype);
    if (dtype === undefined) return refuse('bad_signature', `${said} is of datatype "${datatype}", which the protocol does not have`);
    if (shape.length > MAX_RANK || !shape.every(isExtent)) return refuse('bad_signature', `${said} has the shape [${shape.slice(0, MAX_RANK).join(', ')}]`);
    if (specs.some((other) => other.name === name)) return refuse('bad_signature', `its metadata names the ${what} "${name}" twice`);
    if (!unbatched && shape[0] !== -1) {
      return refuse('no_batch_dimension', `${said} has the shape [${shape.join(', ')}], without a batch dimension (-1) in front; with \`unbatched: true\` it is sent one row a call`);
    }
    specs.push({ name, dtype, shape: unbatched ? shape : shape.slice(1) });
  }
  return specs;
}

function isExtent(extent: number): boolean {
  return extent === -1 || (Number.isSafeInteger(extent) && extent > 0);
}

function refuse(code: string, message: string): Refusal {
  return { code, message };
}
