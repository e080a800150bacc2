import { Command } from 'commander';
import type { LoadPlan } from '../../bench/load/plan.ts';
import type { LoadReport } from '../../bench/load/report.ts';
import { BrokerCalls } from './broker/call.ts';
import { withReach, type ReachWords } from './broker/reach.ts';
import type { BrokerView } from './broker/views.ts';
import type { CommandContext } from './terminal/context.ts';
import { CommandFailure, EXIT } from './terminal/failure.ts';
import { jsonGiven, numberGiven, sloMsGiven } from './terminal/given.ts';

/** What is shown on a terminal. */
type ReportFigures = Pick<LoadReport, 'mode' | 'connections' | 'measured' | 'seconds' | 'goodputPerSecond' | 'sources' | 'reasons' | 'waitedForConnection'>
  & { readonly latencyMicros: Omit<LoadReport['latencyMicros'], 'p999' | 'mean'>; readonly latenessMicros: Pick<LoadReport['latenessMicros'], 'p99'> };

/** Requests that leave later than this after their moment make a latency another one. */
const WORTH_SAYING_MICROS = 1_000;

interface Words extends ReachWords {
  readonly rate?: string;
  readonly connections: string;
  readonly seconds: string;
  readonly sloMs?: string;
}

export function benchCommand(context: CommandContext): Command {
  return withReach(new Command('bench').description('play load against an app, and say what came of it').argument('<app>').argument('<input>', 'JSON, @FILE or -'))
    .option('--rate <r>', 'open loop: so many requests a second, Poisson; closed loop unless given').option('--connections <n>', 'keep-alive connections', '16').option('--seconds <s>', 'how long, a tenth of it as warm-up', '5')
    .option('--slo-ms <ms>', 'answers of a model within it are goodput; the app\'s own objective unless given')
    .addHelpText('after', '\nExamples:\n  tradewind bench digits @sample.json\n  tradewind bench digits @sample.json --rate 500 --seconds 30 --json')
    .action((app: string, input: string, words: Words) => bench(app, input, words, context));
}

async function bench(app: string, input: string, words: Words, context: CommandContext): Promise<void> {
  const given = await jsonGiven(input, 'the input', context);
  const isBody = typeof given === 'object' && given !== null && !Array.isArray(given) && ('input' in given || 'inputs' in given);
  const calls = await BrokerCalls.to(words, context);
  const url = await urlOf(calls);
  const sloMs = words.sloMs === undefined ? (await calls.ask<{ slo_ms: number }>('GET', `/admin/apps/${encodeURIComponent(app)}`)).slo_ms : sloMsGiven(words.sloMs);
  const seconds = numberGiven(words.seconds, '--seconds', [1, 86_400]);
  const { runLoad } = await import('../../bench/load/run-load.ts');
  const { listedSource } = await import('../../bench/load/listed-source.ts');
  const request = { path: `/v1/apps/${encodeURIComponent(app)}/predict`, host: url.host, body: JSON.stringify(isBody ? given : { input: given }), contentType: 'application/json' };
  const plan: LoadPlan = {
    url: url.origin, source: listedSource([request]), connections: numberGiven(words.connections, '--connections', [1, 10_000]), seconds, warmupSeconds: seconds / 10, sloMs,
    // Who asks for a rate on a busy machine wants to know what came of it, and that it was busy.
    maxLatenessMicros: Number.MAX_SAFE_INTEGER, mayWait: true,
    load: words.rate === undefined ? { kind: 'closed' } : { kind: 'open', arrivals: 'poisson', ratePerSecond: numberGiven(words.rate, '--rate', [1, 1_000_000]) },
  };
  const report = await runLoad(plan);
  context.print(words.json === true ? JSON.stringify(report) : reportText(report, sloMs));
  if (report.measured > 0 && (report.statuses['200'] ?? 0) === 0) throw new CommandFailure(`no request got an answer: ${Object.keys(report.reasons).join(', ')}`);
  if (report.wrong + report.unanswered > 0) throw new CommandFailure(`${report.wrong} answers were wrong, ${report.unanswered} never came: ${report.faults.join('; ')}`, EXIT.refused);
}

/** Load goes over the door, however the broker itself is reached. */
async function urlOf(calls: BrokerCalls): Promise<URL> {
  if (calls.reach.kind === 'url' && calls.reach.socketPath === undefined) return plainUrl(calls.reach.url);
  const { url } = await calls.ask<BrokerView>('GET', '/admin/broker');
  if (url === undefined) throw new CommandFailure('the broker does not listen over HTTP');
  return plainUrl(new URL(url));
}

/** The generator writes to sockets as they are: it speaks no TLS, and dials ports. */
function plainUrl(url: URL): URL {
  if (url.protocol !== 'http:') throw new CommandFailure(`load goes to a port over HTTP in the clear; the broker listens on ${url.href}`, EXIT.usage);
  return url;
}

export function reportText({ mode, connections, measured, seconds, goodputPerSecond, latencyMicros, sources, reasons, latenessMicros, waitedForConnection }: ReportFigures, sloMs: number): string {
  const ms = (micros: number): string => (micros / 1000).toFixed(2);
  const lines = [
    `${(measured / seconds).toFixed(0)} answers/s, of which ${goodputPerSecond.toFixed(0)}/s from a model within ${sloMs} ms`,
    `latency ms: p50 ${ms(latencyMicros.p50)}, p90 ${ms(latencyMicros.p90)}, p99 ${ms(latencyMicros.p99)}, max ${ms(latencyMicros.max)}`,
    `answered by: ${[named(sources), reasons].map((counts) => shares(counts, measured)).filter((text) => text !== '').join('; because of ')}`,
  ];
  if (mode === 'open' && latenessMicros.p99 > WORTH_SAYING_MICROS) lines.push(`1 % of the requests left ${ms(latenessMicros.p99)} ms or more after their moment, and their latency holds that: this machine is too busy to send them in time.`);
  if (waitedForConnection > 0) lines.push(`${waitedForConnection} requests found none of the ${connections} connections free, and their latency holds that: more may help (--connections).`);
  return lines.join('\n');
}

/** What has no source is an error. */
function named(sources: LoadReport['sources']): LoadReport['sources'] {
  return Object.fromEntries(Object.entries(sources).map(([name, count]) => [name === 'other' ? 'error' : name, count]));
}

/** `model 98.0 %, default 2.0 %`, the most first. */
function shares(counts: Readonly<Record<string, number>>, all: number): string {
  return Object.entries(counts).filter(([, count]) => count > 0).toSorted(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${((count / all) * 100).toFixed(1)} %`).join(', ');
}
