import { get, type IncomingMessage } from 'node:http';
import type { BrokerProcess } from '../demo/broker-process.ts';
import type { Calm } from '../load/calm.ts';
import { processCpuMicros } from '../load/process-cpu.ts';
import { runLoad } from '../load/run-load.ts';
import { median } from '../report/median.ts';
import { say } from '../report/write.ts';
import { loadsNamed } from '../road/loads.ts';
import { appName, startRoadBroker } from '../road/road-broker.ts';

export interface StreamsOptions {
  readonly rounds: number;
  readonly requests: number;
  readonly streams: number;
  readonly seed: number;
}

export interface StreamsResult {
  /** The broker's CPU a request, microseconds: with nobody looking, and with so many streams open; one a round. */
  readonly aloneMicros: readonly number[];
  readonly watchedMicros: readonly number[];
  /** Median over the rounds of watched / alone. */
  readonly ratio: number;
  readonly bytesPerStreamSecond: number;
}

/** What open event streams cost a broker that is loaded as far as it goes; in each round with and without, in changing order. */
export async function measureStreams(options: StreamsOptions, calm: Calm): Promise<StreamsResult> {
  const broker = await startRoadBroker(loadsNamed(['small']), { controller: 'planner' });
  try {
    await loaded(broker, { ...options, requests: Math.ceil(options.requests / 4) });
    const alone: number[] = [];
    const watched: number[] = [];
    let bytes = 0;
    let seconds = 0;
    for (let round = 0; round < options.rounds; round++) {
      const micros = await calm.play(async () => {
        const measured = { alone: Number.NaN, watched: Number.NaN };
        for (const look of round % 2 === 0 ? [false, true] : [true, false]) {
          const readers = look ? await Promise.all(Array.from({ length: options.streams }, () => openStream(broker.url))) : [];
          const load = await loaded(broker, { ...options, seed: options.seed + round });
          for (const { response, taken } of readers) {
            bytes += taken();
            response.destroy();
          }
          if (look) seconds += load.seconds;
          measured[look ? 'watched' : 'alone'] = load.cpuMicros;
        }
        return measured;
      });
      alone.push(micros.alone);
      watched.push(micros.watched);
      say(`streams, round ${round + 1} of ${options.rounds}: ${((watched.at(-1) ?? Number.NaN) / (alone.at(-1) ?? Number.NaN)).toFixed(3)} x`);
    }
    return { aloneMicros: alone, watchedMicros: watched, ratio: median(watched.map((micros, i) => micros / (alone[i] ?? Number.NaN))), bytesPerStreamSecond: bytes / options.streams / seconds };
  } finally {
    await broker.stop();
  }
}

async function loaded(broker: BrokerProcess, { requests, seed }: Pick<StreamsOptions, 'requests' | 'seed'>): Promise<{ cpuMicros: number; seconds: number }> {
  const [load] = loadsNamed(['small']);
  if (load === undefined) throw new RangeError('there is no small load');
  const before = processCpuMicros(broker.pid);
  const report = await runLoad({
    url: broker.url, connections: 64, load: { kind: 'closed' }, requests, seed,
    source: { module: new URL('../road/float-source.ts', import.meta.url).href, options: { host: new URL(broker.url).host, path: `/v1/apps/${appName(load)}/predict`, form: load.form, features: load.features, digits: load.digits, seed } },
  });
  if (report.wrong + report.lost + report.unanswered > 0) throw new Error(`${report.wrong} wrong, ${report.lost} lost, ${report.unanswered} unanswered: ${report.faults.join('; ')}`);
  return { cpuMicros: (processCpuMicros(broker.pid) - before) / report.answered, seconds: report.seconds };
}

/** A plain client that reads and forgets. */
function openStream(url: string): Promise<{ response: IncomingMessage; taken: () => number }> {
  return new Promise((resolve, reject) => {
    get(`${url}/admin/watch`, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => { bytes += chunk.length; });
      response.on('error', () => undefined);
      if (response.statusCode === 200) resolve({ response, taken: () => bytes });
      else reject(new Error(`the stream answered ${response.statusCode}`));
    }).on('error', reject);
  });
}
