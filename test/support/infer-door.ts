import { OpenBodies } from '../../frontend/http/exchange/open-bodies.ts';
import { InferDoor, type InferDoorOptions } from '../../frontend/http/oip/door.ts';
import { rawOutputs, servedModel, tfsWorld } from './tfs-world.ts';
import { VirtualClock } from './virtual-clock.ts';

const X = { name: 'x', dtype: 'int8' as const, shape: [2] };

/** The inference door of the Open Inference Protocol over a road under the test's hand, with a model `m` of two int8, and `unknown` whose inputs nobody knows. */
export function inferDoor(more: Partial<InferDoorOptions> = {}): { door: InferDoor; world: ReturnType<typeof tfsWorld>; faults: unknown[]; options: InferDoorOptions; clock: VirtualClock } {
  const world = tfsWorld([servedModel('m', [X], rawOutputs('raw', X)), servedModel('unknown', undefined, undefined)]);
  const faults: unknown[] = [];
  const clock = new VirtualClock();
  const options: InferDoorOptions = {
    ...world, clock, maxBodyBytes: 1 << 20, maxJsonBytes: 10_000, maxOpenPerConnection: 8, bodies: new OpenBodies(1 << 20), draining: () => false, onFault: (fault) => faults.push(fault), ...more,
  };
  return { door: new InferDoor(options), world, faults, options, clock };
}
