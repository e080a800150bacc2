import type { BrokerProcess } from '../demo/broker-process.ts';
import { startBareServer, type BareServer } from './bare-server.ts';
import { firstInputs, type FloatOptions } from './float-source.ts';
import type { Load } from './loads.ts';
import { appName, modelName, startRoadBroker } from './road-broker.ts';

/** One of the servers that are compared. All run all the time, and idle while another is measured. */
export interface Contender {
  readonly name: string;
  readonly kind: 'ours' | 'bare-fastify' | 'bare-http';
  serves(load: Load): Served;
}

/** Where one load goes. */
export interface Served {
  readonly url: string;
  readonly pid: number;
  readonly requests: FloatOptions;
  /** Ours: the model that answers. */
  readonly model?: string;
}

export interface ContendersOptions {
  readonly loads: readonly Load[];
  readonly controllers: readonly string[];
  readonly seed: number;
  readonly profileDir?: string;
}

/** Starts ours first, for the others answer as it does; ours is the list's first. */
export async function startContenders(options: ContendersOptions): Promise<{ readonly contenders: readonly Contender[]; stop(): Promise<void> }> {
  const running: { stop(): Promise<void> }[] = [];
  const stop = async (): Promise<void> => {
    for (const each of running.toReversed()) await each.stop();
  };
  const started = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const one = await starting;
    running.push(one);
    return one;
  };
  try {
    const { loads, controllers, seed, profileDir } = options;
    const contenders: Contender[] = [];
    for (const controller of controllers) {
      contenders.push(ours(await started(startRoadBroker(loads, { controller, ...(profileDir === undefined ? {} : { profileDir }) })), controller, seed));
    }
    const bare = new Map<Load['features'], { fastify: BareServer; http: BareServer }>();
    for (const load of loads) {
      if (bare.has(load.features)) continue;
      const answer = await sampleAnswer(contenders[0]?.serves(load), load);
      bare.set(load.features, {
        fastify: await started(startBareServer('bare-fastify', load.features, answer)),
        http: await started(startBareServer('bare-http', load.features, answer)),
      });
    }
    const of = (load: Load): { fastify: BareServer; http: BareServer } => {
      const servers = bare.get(load.features);
      if (servers === undefined) throw new Error(`no bare server for ${load.name}`);
      return servers;
    };
    contenders.push(
      { name: 'bare fastify', kind: 'bare-fastify', serves: (load) => bareServed(of(load).fastify, load, seed) },
      { name: 'bare node:http', kind: 'bare-http', serves: (load) => bareServed(of(load).http, load, seed) },
    );
    return { contenders, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function ours(broker: BrokerProcess, controller: string, seed: number): Contender {
  return {
    name: `tradewind, ${controller}`,
    kind: 'ours',
    serves: (load) => ({
      url: broker.url, pid: broker.pid, model: modelName(load),
      requests: { ...requests(broker.url, load, seed), path: `/v1/apps/${appName(load)}/predict` },
    }),
  };
}

function bareServed({ url, pid }: BareServer, load: Load, seed: number): Served {
  return { url, pid, requests: { ...requests(url, load, seed), path: `/v1/apps/${load.form === 'json' ? 'bench' : 'bytes'}/predict` } };
}

function requests(url: string, { form, features, digits }: Load, seed: number): Omit<FloatOptions, 'path'> {
  return { host: new URL(url).host, form, features, digits, seed };
}

/** What the bare servers are to answer: bytes that ours has answered. */
async function sampleAnswer(served: Served | undefined, load: Load): Promise<string> {
  if (served === undefined) throw new RangeError('a road needs one controller at least');
  const [first] = firstInputs(served.requests, 1);
  if (first === undefined) throw new Error('a source without requests');
  return (await ask(served, load, first.body)).text;
}

/** Asks one request of a load, alone. Rejects unless a model answered. */
export async function ask(served: Served, load: Load, body: Uint8Array<ArrayBuffer>): Promise<{ readonly text: string; readonly output: number }> {
  const response = await fetch(`${served.url}${served.requests.path}`, {
    method: 'POST',
    headers: load.form === 'json'
      ? { 'content-type': 'application/json' }
      : { 'content-type': 'application/octet-stream', 'tradewind-dtype': 'float32', 'tradewind-shape': String(load.features) },
    body,
  });
  const text = await response.text();
  const answer = JSON.parse(text) as { source?: string; output?: number };
  if (response.status !== 200 || answer.source !== 'model' || answer.output === undefined) throw new Error(`${load.name}: no model answered: ${response.status} ${text}`);
  return { text, output: answer.output };
}
