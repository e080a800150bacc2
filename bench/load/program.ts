import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ARRIVALS, type Arrivals } from './arrivals.ts';
import { listedSource } from './listed-source.ts';
import type { LoadPlan } from './plan.ts';
import { replayedRequests } from './replay.ts';
import { runLoad } from './run-load.ts';

const HELP = `Plays load against an HTTP server and prints one JSON report.

  node bench/load/program.ts --url http://127.0.0.1:8000 --path /v1/apps/digits/predict --body FILE [flags]

  --replay FILE      plays a recording of the broker instead of --path and --body, its requests round and round
  --body FILE        the request's body; runs of # in it become the number of the request
  --content-type T   application/json unless given
  --connections N    64 unless given
  --seconds S        10 unless given, warm-up included
  --warmup S         seconds that are sent and not measured; 1 unless given
  --rate R           open loop, R requests a second; closed loop unless given
  --arrivals KIND    ${ARRIVALS.join(' | ')}; poisson unless given
  --slo MS           answers of a model within it are goodput
  --seed N           1 unless given
  --watch PID        report this process's CPU time; may be given several times
`;

const { values } = parseArgs({
  options: {
    url: { type: 'string' }, replay: { type: 'string' }, path: { type: 'string' }, body: { type: 'string' }, 'content-type': { type: 'string' },
    connections: { type: 'string', default: '64' }, seconds: { type: 'string', default: '10' }, warmup: { type: 'string', default: '1' },
    rate: { type: 'string' }, arrivals: { type: 'string', default: 'poisson' }, slo: { type: 'string' }, seed: { type: 'string', default: '1' },
    watch: { type: 'string', multiple: true, default: [] }, help: { type: 'boolean', default: false },
  },
});

/** One body, or one with numbers of its own for each request. */
function bodySource(url: string, path: string, bodyFile: string): LoadPlan['source'] {
  const body = readFileSync(bodyFile, 'utf8').trimEnd();
  const request = { path, host: new URL(url).host, body, contentType: values['content-type'] ?? 'application/json' };
  return body.includes('#')
    ? { module: new URL('./patched-source.ts', import.meta.url).href, options: { request } }
    : listedSource([request]);
}

function plan(url: string, source: LoadPlan['source']): LoadPlan {
  return {
    url,
    source,
    connections: Number(values.connections),
    load: values.rate === undefined
      ? { kind: 'closed' }
      : { kind: 'open', arrivals: values.arrivals as Arrivals, ratePerSecond: Number(values.rate) },
    seconds: Number(values.seconds),
    warmupSeconds: Number(values.warmup),
    seed: Number(values.seed),
    watchPids: values.watch.map(Number),
    ...(values.slo === undefined ? {} : { sloMs: Number(values.slo) }),
  };
}

const hasBody = values.path !== undefined && values.body !== undefined;
if (values.help || values.url === undefined || (values.replay === undefined && !hasBody)) {
  process.stdout.write(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  try {
    const report = await runLoad(plan(values.url, values.replay === undefined ? bodySource(values.url, values.path ?? '', values.body ?? '') : listedSource(replayedRequests(readFileSync(values.replay, 'utf8'), new URL(values.url).host))));
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    process.exitCode = report.wrong + report.unanswered + report.unsolicited === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
