import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelSpec } from '../../frontend/domain/model.ts';
import { OIP_DATATYPE } from '../../protos/oip-datatype.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { OipStub, type StubInfer } from './oip-stub.ts';
import { rogueSpec } from './supervised.ts';

/** What a container does with the next batches instead of answering them. */
export type WireFault = 'error' | 'crash' | 'wrong_dtype';

/** A container at the other end of some wire: it answers each input as the output of the same name. */
export interface WirePeer {
  readonly spec: ModelSpec;
  /** From now on it does what it was opened for. */
  misbehave(): Promise<void> | void;
  behave(): Promise<void> | void;
}

interface Lifetime {
  after(run: () => unknown): void;
}

export interface Wire {
  readonly name: string;
  /** JSON has no form for 16-bit floats and for what is not finite. */
  readonly json: boolean;
  open(lifetime: Lifetime, inputs: readonly TensorSpec[], fault?: WireFault): Promise<WirePeer>;
}

const OIP_FAULT: Readonly<Record<WireFault, StubInfer>> = Object.freeze({ error: 'refuse', crash: 'cut', wrong_dtype: 'wrong_dtype' });

function oipWire(name: string, { protocol, infer = 'echo', binary = true }: { protocol: 'grpc' | 'http'; infer?: StubInfer; binary?: boolean }): Wire {
  return {
    name, json: infer === 'typed' || !binary,
    open: async (lifetime, inputs, fault = 'error') => {
      const tensors = inputs.map(({ name: input, dtype, shape }) => ({ name: input, datatype: OIP_DATATYPE[dtype], shape: [-1, ...shape] }));
      const stub = await OipStub.open(lifetime, { protocol, infer, binary, inputs: tensors });
      return {
        spec: rogueSpec({}, { container: { kind: 'oip', addresses: [stub.address], model: 'theirs', version: '2', maxInFlight: 1, unbatched: false } }),
        misbehave: () => void (stub.behaviour.infer = OIP_FAULT[fault]),
        behave: async () => {
          stub.behaviour.infer = infer;
          await stub.stop();
          await stub.start();
        },
      };
    },
  };
}

function framesWire(): Wire {
  return {
    name: 'our frames', json: false,
    open: (lifetime, signature, fault = 'error') => {
      const folder = mkdtempSync(join(tmpdir(), 'wire-'));
      lifetime.after(() => rmSync(folder, { recursive: true, force: true }));
      const trigger = join(folder, 'trigger');
      return Promise.resolve({
        spec: rogueSpec({ signature, batch: fault, onlyWith: trigger }),
        misbehave: () => writeFileSync(trigger, ''),
        behave: () => rmSync(trigger, { force: true }),
      });
    },
  };
}

/** Every way in which a batch leaves the broker. */
export const WIRES: readonly Wire[] = Object.freeze([
  framesWire(),
  oipWire('gRPC, raw contents', { protocol: 'grpc' }),
  oipWire('gRPC, typed answers', { protocol: 'grpc', infer: 'typed' }),
  oipWire('HTTP, binary extension', { protocol: 'http' }),
  oipWire('HTTP, binary extension, JSON answers', { protocol: 'http', infer: 'typed' }),
  oipWire('HTTP, JSON', { protocol: 'http', binary: false }),
]);
