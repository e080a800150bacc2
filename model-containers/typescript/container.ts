import type { Hello } from '../../protos/wire.ts';
import { parseTensorSpec } from '../../protos/parse-headers.ts';
import { WIRE_VERSION } from '../../protos/wire.ts';
import type { Address } from './address.ts';
import { formatAddress } from './address.ts';
import type { Environment } from './environment.ts';
import { readEnvironment, StartError } from './environment.ts';
import type { Predict, ServeOptions } from './predict.ts';
import { Service } from './service.ts';
import type { Tamper } from './batch-job.ts';
import { Watchdog } from './watchdog.ts';
import { warmUp } from './warm-up.ts';

/** A container that has read how it was started, and is about to load its model. */
export interface Container extends Pick<Environment, 'path' | 'options' | 'inputs' | 'model' | 'version'> {
  /**
   * Warms up, says hello and serves until it is drained. Resolves once it has begun to dial, or listens. What cannot be
   * served is printed and ends the process with 1.
   */
  serve(options: ServeOptions, predict: Predict, misbehaviour?: Misbehaviour): Promise<void>;
}

/** Ways of breaking the contract on purpose: for programs that test a broker. */
export interface Misbehaviour {
  readonly model?: string;
  readonly token?: string;
  readonly tamper?: Tamper;
}

const KIT = 'tradewind-typescript/0.1.0';

/**
 * Starts the watchdog. Call it before the model is loaded, so that an owned container ends with its broker from the first
 * moment. `environment`: what `readStart` gave, for a container that has to look at it before; it can be read only once.
 */
export function openContainer(environment: Environment = readStart()): Container {
  const watchdog = new Watchdog(environment.owned);
  return {
    path: environment.path,
    options: environment.options,
    inputs: environment.inputs,
    model: environment.model,
    version: environment.version,
    serve: async (options, predict, misbehaviour = {}) => {
      const inputs = options.inputs ?? environment.inputs;
      const identity: Hello = {
        wire: WIRE_VERSION,
        role: 'worker',
        model: misbehaviour.model ?? environment.model,
        version: environment.version,
        pid: process.pid,
        ...optional('token', misbehaviour.token ?? environment.token),
      };
      const signed = { ...options, ...optional('inputs', inputs) };
      try {
        checkSignature(options.inputs, 'inputs');
        checkSignature(options.outputs, 'outputs');
        await warmUp(signed, predict);
        const listening = environment.listen === undefined ? undefined : await watchdog.listen(watchdogAddress(environment.listen), { ...identity, role: 'watchdog' });
        const hello: Hello = {
          ...identity,
          kit: options.kit ?? KIT,
          ...optional('inputs', inputs),
          ...optional('outputs', options.outputs),
          ...optional('max_batch', options.maxBatch),
          ...optional('watchdog', listening === undefined ? undefined : formatAddress(listening)),
          ...optional('about', options.about),
        };
        const service = new Service({ environment, hello, options: signed, predict, watchdog, tamper: misbehaviour.tamper });
        await service.start();
      } catch (error) {
        failStart(error);
      }
    },
  };
}

/** Prints why the start failed, without a stack, and ends the process with 1. */
export function failStart(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(message.split('\n').map((line) => `tradewind container: ${line}\n`).join(''));
  process.exit(1);
}

/** Reads environment and flags. A fault in how the container was started is printed, and ends the process with 1. */
export function readStart(): Environment {
  try {
    return readEnvironment(process.env, process.argv.slice(2));
  } catch (error) {
    if (error instanceof StartError) failStart(error);
    throw error;
  }
}

/** What an author wrote in plain JavaScript was checked by nobody. Throws in words. */
function checkSignature(specs: unknown, what: string): void {
  if (specs === undefined) return;
  if (!Array.isArray(specs)) throw new StartError(`${what} is no list of tensors, such as [{ name: 'x', dtype: 'float32', shape: [64] }]`);
  for (const [i, spec] of specs.entries()) parseTensorSpec(spec, `${what}[${i}]`);
}

function watchdogAddress(address: Address): Address {
  return address.kind === 'unix' ? { kind: 'unix', path: `${address.path}.watchdog` } : { ...address, port: 0 };
}

function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  return value === undefined ? {} : { [key]: value } as { [P in K]?: T };
}
