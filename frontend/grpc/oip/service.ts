import {
  readModelName, readRepositoryChange, readRepositoryIndexRequest, writeModelConfig, writeModelMetadata, writeModelStatistics, writeRepositoryIndex,
  writeServerMetadata, writeYes,
} from '../../../protos/oip-messages.ts';
import type { Clock } from '../../domain/clock.ts';
import type { OperatorAccess } from '../../domain/operator-access.ts';
import type { Served, WhyUnready } from '../../domain/served.ts';
import type { StatisticsSource } from '../../domain/statistics.ts';
import { modelConfig, modelMetadata, serverMetadata } from '../../protocols/oip/describe.ts';
import { findServed } from '../../protocols/oip/find-served.ts';
import type { InferParts } from '../../protocols/oip/infer-call.ts';
import { changeRepository, repositoryIndex, type RepositoryControl } from '../../protocols/oip/repository.ts';
import { modelStatistics } from '../../protocols/oip/statistics.ts';
import { callFailure } from '../grpc-status.ts';
import type { GrpcMethod, GrpcService } from '../service.ts';
import type { UnaryCall } from '../unary-call.ts';
import { inferUnary } from './infer.ts';
import { inferStream } from './stream-infer.ts';

export interface OipServiceParts extends InferParts {
  readonly clock: Clock;
  readonly whyUnready: WhyUnready;
  readonly statistics: StatisticsSource;
  readonly repository: RepositoryControl;
  readonly operators: OperatorAccess;
  /** Of the broker. */
  readonly version: string;
  /** Every version that is wanted can answer. */
  readonly ready: () => boolean;
}

/** `inference.GRPCInferenceService`: the Open Inference Protocol v2, and what of Triton's extensions is spoken here. */
export function oipService(parts: OipServiceParts): GrpcService {
  const { served, whyUnready, version, ready } = parts;
  const named = (write: (served: Served) => Buffer): GrpcMethod => unary((message) => {
    const { name, version: which } = readModelName(message);
    const found = findServed(served, name, which);
    return 'code' in found ? found : write(found);
  });
  return {
    name: 'inference.GRPCInferenceService', proto: 'open_inference.proto',
    methods: {
      ServerLive: unary(() => writeYes(true)),
      ServerReady: unary(() => writeYes(ready())),
      ModelReady: unary((message) => {
        const { name, version: which } = readModelName(message);
        const found = findServed(served, name, which);
        return writeYes(!('code' in found) && found.ready);
      }),
      ServerMetadata: unary(() => writeServerMetadata(serverMetadata(version))),
      ModelMetadata: named((found) => writeModelMetadata(modelMetadata(found))),
      ModelConfig: named((found) => writeModelConfig(modelConfig(found))),
      ModelStatistics: unary((message) => statistics(parts, message)),
      RepositoryIndex: unary((message) => writeRepositoryIndex(repositoryIndex(served, whyUnready, readRepositoryIndexRequest(message).readyOnly))),
      RepositoryModelLoad: { kind: 'unary', handle: (call) => change(parts, call, 'load') },
      RepositoryModelUnload: { kind: 'unary', handle: (call) => change(parts, call, 'unload') },
      ModelInfer: { kind: 'unary', handle: (call) => inferUnary(parts, call) },
      ModelStreamInfer: { kind: 'stream', handle: (call) => inferStream(parts, parts.clock, call) },
    },
  };
}

/** A method that can say at once what its answer is. */
function unary(answer: (message: Buffer) => Buffer | Parameters<typeof callFailure>[0]): GrpcMethod {
  return { kind: 'unary', handle: (call) => {
    const said = answer(call.message);
    if (Buffer.isBuffer(said)) call.answer(said);
    else call.fail(callFailure(said));
  } };
}

function statistics({ statistics: source, served }: OipServiceParts, message: Buffer): Buffer | Parameters<typeof callFailure>[0] {
  const { name, version } = readModelName(message);
  if (name === '') return writeModelStatistics(modelStatistics(source, served).model_stats);
  const found = findServed(served, name, version);
  return 'code' in found ? found : writeModelStatistics(modelStatistics(source, served, found).model_stats);
}

function change({ repository, operators }: OipServiceParts, call: UnaryCall, what: 'load' | 'unload'): void {
  const { model, parameters } = readRepositoryChange(call.message);
  const who = operators.caller(call.header('authorization'), 'grpc');
  void tell(call, changeRepository(repository, { what, model, parameters, who }));
}

async function tell(call: UnaryCall, changed: ReturnType<typeof changeRepository>): Promise<void> {
  const failure = await changed;
  if (failure === undefined) call.answer(Buffer.alloc(0));
  else call.fail(callFailure(failure));
}
