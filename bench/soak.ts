import { parseArgs } from 'node:util';
import { metricSum, readMetrics } from './broker/metrics.ts';
import { residentBytes } from './broker/rss.ts';
import { runLoad } from './load/run-load.ts';
import { say, writeResult } from './report/write.ts';
import { LOADS, type Load } from './road/loads.ts';
import { appName, startRoadBroker } from './road/road-broker.ts';
import { growthOf } from './soak/growth.ts';

const HELP = `Whether the broker's memory grows: resident memory from a tenth of the requests on, its first half against its second.

  node bench/soak.ts --requests 10000000

  --requests N      10000000 unless given; the first tenth is the warm-up
  --connections N   64 unless given
  --seed N          of the inputs; 1 unless given
  --small           a size that takes seconds, to see that it runs: no bar is held
  --json FILE       writes the result there; - is standard output

Exit code 1 where its peaks grew by more than 5 %, 2 where nothing could be measured.
`;
const MAX_GROWTH = 0.05;
const STEPS = 20;
const SMALL_REQUESTS = 20_000;
/** Small JSON and binary in turn: both doors' buffers are used. */
const NAMES: readonly Load['name'][] = ['small', 'binary'];

interface SoakResult {
  readonly requests: number;
  readonly seconds: number;
  /** Resident memory after each twentieth; the second is the first that growth is counted from. */
  readonly residentMb: readonly number[];
  readonly growth: number;
  readonly bar: number;
  readonly pass: boolean;
  readonly openQueries: number;
  readonly slabBytes: number;
}

async function soak({ requests, connections, seed }: { requests: number; connections: number; seed: number }): Promise<SoakResult> {
  const loads = LOADS.filter(({ name }) => NAMES.includes(name));
  const broker = await startRoadBroker(loads, { controller: 'aimd' });
  try {
    const startedAt = Date.now();
    const residentMb: number[] = [];
    for (let step = 0; step < STEPS; step++) {
      const load = loads[step % loads.length] as Load;
      const { form, features, digits } = load;
      const report = await runLoad({
        url: broker.url, connections, load: { kind: 'closed' }, requests: Math.ceil(requests / STEPS), seed,
        source: {
          module: new URL('./road/float-source.ts', import.meta.url).href,
          options: { host: new URL(broker.url).host, path: `/v1/apps/${appName(load)}/predict`, form, features, digits, seed: seed + step },
        },
      });
      if (report.wrong + report.lost + report.unanswered > 0) throw new Error(`step ${step}: ${report.wrong} wrong, ${report.lost} lost, ${report.unanswered} unanswered: ${report.faults.join('; ')}`);
      residentMb.push(residentBytes(broker.pid) / 2 ** 20);
      say(`${Math.round(((step + 1) / STEPS) * requests)} requests, ${report.answersPerSecond.toFixed(0)}/s, ${(residentMb.at(-1) ?? 0).toFixed(1)} MB resident`);
    }
    const metrics = await readMetrics(broker.url);
    const growth = growthOf(residentMb.slice(STEPS / 10 - 1));
    return {
      requests, seconds: (Date.now() - startedAt) / 1000, residentMb: residentMb.map((mb) => Math.round(mb * 10) / 10), growth, bar: MAX_GROWTH, pass: growth <= MAX_GROWTH,
      openQueries: metricSum(metrics, 'tradewind_open_queries'), slabBytes: metricSum(metrics, 'tradewind_slab_bytes'),
    };
  } finally {
    await broker.stop();
  }
}

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000000' }, connections: { type: 'string', default: '64' }, seed: { type: 'string', default: '1' },
    small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const options = { requests: values.small ? SMALL_REQUESTS : Number(values.requests), connections: Number(values.connections), seed: Number(values.seed) };
    const result = await soak(options);
    say(`memory grew by ${(result.growth * 100).toFixed(1)} % from the first tenth on; at most ${MAX_GROWTH * 100} %: ${result.pass ? 'pass' : 'MISSED'}`);
    writeResult(values.json, { bench: 'soak', seed: options.seed, parameters: { ...options, small: values.small }, result });
    const clean = result.openQueries === 0 && result.slabBytes === 0;
    if (!clean) say(`${result.openQueries} queries are open and ${result.slabBytes} bytes of slabs held at the end`);
    process.exitCode = clean && (values.small || result.pass) ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
