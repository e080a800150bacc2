import { ProtoReader } from '../../../protos/protobuf.ts';
import type { Failure } from '../../domain/answer.ts';
import type { OperatorAccess } from '../../domain/operator-access.ts';
import type { ServedDirectory, WhyUnready } from '../../domain/served.ts';
import { noSuchVersion, versionStatuses } from '../../protocols/tfs/model-status.ts';
import { refuse, statusOf, type TfsRefusal } from '../../protocols/tfs/refusal.ts';
import type { ModelConfigControl } from '../../protocols/tfs/reload.ts';
import { findServable } from '../../protocols/tfs/servable.ts';
import { statusNumber } from '../grpc-status.ts';
import type { GrpcService } from '../service.ts';
import type { UnaryCall } from '../unary-call.ts';
import { statusResponse } from './metadata-codec.ts';
import { readOnlyModelSpec } from './model-spec.ts';
import { readReloadRequest, RELOADED } from './reload-codec.ts';

export interface ModelServiceOptions {
  readonly served: ServedDirectory;
  readonly whyUnready: WhyUnready;
  readonly configs: ModelConfigControl;
  /** Who may change what is served. */
  readonly operators: OperatorAccess;
}

/** `tensorflow.serving.ModelService`. */
export function modelService(options: ModelServiceOptions): GrpcService {
  return {
    name: 'tensorflow.serving.ModelService', proto: 'tensorflow_serving.proto',
    methods: {
      GetModelStatus: { kind: 'unary', handle: (call) => modelStatus(options, call) },
      HandleReloadConfigRequest: { kind: 'unary', handle: (call) => reload(options, call) },
    },
  };
}

/** Labels say nothing here, as there: all versions are told. */
function modelStatus({ served, whyUnready }: ModelServiceOptions, call: UnaryCall): void {
  const { name, version } = readOnlyModelSpec(new ProtoReader(call.message));
  if (name === '') return fail(call, refuse('invalid_field', 'Missing ModelSpec'));
  const found = findServable(served, { name });
  if (!found.ok) return fail(call, noSuchVersion(name, undefined));
  const statuses = versionStatuses(found.served, whyUnready, version);
  if (statuses.length === 0) fail(call, noSuchVersion(name, version));
  else call.answer(statusResponse(statuses));
}

function reload({ configs, operators }: ModelServiceOptions, call: UnaryCall): void {
  const who = operators.caller(call.header('authorization'), 'grpc');
  if (typeof who !== 'string') return fail(call, who);
  const models = readReloadRequest(call.message);
  if (models === undefined) return fail(call, refuse('invalid_config', 'The configuration must be a model_config_list.'));
  void answerOnce(call, configs.reload(models, who));
}

async function answerOnce(call: UnaryCall, carriedOut: Promise<Failure | undefined>): Promise<void> {
  const failure = await carriedOut;
  if (failure === undefined) call.answer(RELOADED);
  else fail(call, failure);
}

function fail(call: UnaryCall, refusal: TfsRefusal): void {
  call.fail({ code: statusNumber(statusOf(refusal)), message: refusal.message });
}
