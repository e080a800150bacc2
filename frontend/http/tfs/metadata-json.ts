import { tensorflowWord } from '../../../protos/tensorflow-datatype.ts';
import type { TensorSpec } from '../../../protos/wire.ts';
import type { Served, WhyUnready } from '../../domain/served.ts';
import { LOAD_ERROR, versionStatuses } from '../../protocols/tfs/model-status.ts';
import { METHOD_NAME, publishedSignatures, type PublishedSignature } from '../../protocols/tfs/signature.ts';

type Json = Readonly<Record<string, unknown>>;

/** `GET …/metadata`: the signatures, in protobuf's JSON with every field printed. */
export function metadataJson(served: Served): string {
  const signatures = publishedSignatures(served).map((signature) => [signature.name, signatureJson(signature)]);
  return JSON.stringify({
    model_spec: { name: served.name, signature_name: '', version: String(served.version) },
    metadata: { signature_def: { signature_def: Object.fromEntries(signatures) as Json } },
  }, undefined, 1);
}

/** `GET /v1/models/M[/versions/N]`. */
export function statusJson(served: Served, whyUnready: WhyUnready, version: number | undefined): string {
  const statuses = versionStatuses(served, whyUnready, version).map((status) => ({
    version: String(status.version), state: status.state, status: { error_code: status.error === undefined ? 'OK' : LOAD_ERROR.word, error_message: status.error ?? '' },
  }));
  return JSON.stringify({ model_version_status: statuses }, undefined, 1);
}

function signatureJson({ method, inputs, outputs }: PublishedSignature): Json {
  return { inputs: tensorsJson(inputs), outputs: tensorsJson(outputs), method_name: METHOD_NAME[method] };
}

function tensorsJson(tensors: readonly TensorSpec[]): Json {
  return Object.fromEntries(tensors.map(({ name, dtype, shape }) => [name, {
    dtype: tensorflowWord(dtype), tensor_shape: { dim: shape.map((size) => ({ size: String(size), name: '' })), unknown_rank: false }, name,
  }]));
}
