import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { coldStartTable, type ColdStart } from './cold-start/result.ts';
import { coreTable, type CoreResult } from './core/result.ts';
import { feedbackTable, type FeedbackResult } from './feedback/result.ts';
import { foreignTable, type ForeignResult } from './foreign/result.ts';
import { barsTable } from './goodput/bars-table.ts';
import { playedWords, type GoodputResult } from './goodput/result.ts';
import { killsTable, type KillsOfKind } from './kills/result.ts';
import { commitsText } from './live/measured-at.ts';
import { liveTables, type LiveResult } from './live/result.ts';
import { holdingTable, operationsTable, type OperationsResult } from './operations/result.ts';
import { onnxTable, type OnnxRow } from './onnx/result.ts';
import { peersTable, ratiosTable, type PeersResult } from './peers/result.ts';
import { protocolsTable, type ProtocolRow } from './protocols/result.ts';
import { barsTable as regretBarsTable, problemsTable, type Bar as RegretBar, type Score } from './regret/result.ts';
import { withBlock } from './report/block.ts';
import { newestResult } from './report/newest.ts';
import { section, shortCommit, stolenWords, verdict } from './report/section.ts';
import type { Stamped } from './report/stamp.ts';
import { markdownTable, type Cells } from './report/table.ts';
import { say } from './report/write.ts';
import { closedTable } from './road/closed.ts';
import { loneTable } from './road/lone.ts';
import { openTable } from './road/open.ts';
import type { RoadResult } from './road/result.ts';
import { wireTable, type WireResult } from './wire/result.ts';
import type { WorldsResult } from './worlds/total.ts';

/**
 * Writes the figures of README.md from the newest results in bench/results.
 *
 *     node bench/report.ts            writes them
 *     node bench/report.ts --check    says whether they are others than stand there, and fails if so
 */
const README = fileURLToPath(new URL('../README.md', import.meta.url));
const RESULTS = fileURLToPath(new URL('results', import.meta.url));

/** What of the other benches' results is told here. */
interface SoakFigures { readonly requests: number; readonly residentMb: readonly number[]; readonly growth: number; readonly bar: number; readonly pass: boolean }
interface StartupFigures { readonly allReadyMs: number; readonly firstAnswerMs: number; readonly firstLatencyMs: number; readonly barMs: number; readonly pass: boolean; readonly warmed?: { readonly allReadyMs: number; readonly firstLatencyMs: number } }
interface FuzzFigures { readonly requests: number; readonly faults: readonly string[] }

interface AdaptFigures { readonly breakdowns: readonly unknown[]; readonly bars: readonly { readonly what: string; readonly value: number; readonly bar: string; readonly pass: boolean }[] }
interface DashboardFigures { readonly scrape: { readonly models: number; readonly longestTurnMs: number; readonly scrapeMs: number }; readonly streams: { readonly ratio: number; readonly bytesPerStreamSecond: number }; readonly bars: { readonly ratio: number; readonly turnMs: number } }
interface SelectFigure { readonly name: string; readonly micros: number; readonly barMicros?: number }

function roadSection(): string {
  return section('node bench/road.ts', newest<RoadResult>('road'), ({ closed, lone, open }, { parameters }) => {
    const tables: Cells[] = [];
    if (closed !== undefined) tables.push(closedTable(closed));
    if (lone !== undefined) tables.push(loneTable(lone));
    if (open !== undefined && 'rows' in open) tables.push(openTable(open.rows));
    const how = `medians of ${String(parameters['rounds'])} interleaved rounds, ${String(parameters['connections'])} keep-alive connections. CPU is of the broker's process, or the bare `
      + 'server\'s, by the operating system\'s accounts; the ratio is the median over the rounds (least–greatest)';
    return { how, tables };
  });
}

function batchingSection(): string {
  return [
    section('npm run bench:goodput', newest<GoodputResult>('goodput'), ({ bars, played }) => ({ ...(played === undefined ? {} : { how: playedWords(played) }), tables: [barsTable(bars)] })),
    section('npm run bench:live', newest<LiveResult>('live'), (result, stamped) => ({
      how: ['processes, open loop; the oracle knows the measured law and the arrivals', commitsText(stamped) ?? []].flat().join('; '), tables: liveTables(result),
    })),
    section('npm run bench:core', newest<CoreResult>('core'), (result) => ({ tables: [coreTable(result)] })),
    section('npm run bench:worlds', newest<WorldsResult>('worlds'), (result, { parameters }) => ({ how: `small worlds in which replicas die, hang, slow down, err, answer too little or too much and grant too much, rows poison and callers leave, from seed ${result.from} on${result.again === undefined ? '' : `, ${result.again} of them played again after a fault`}; invariants at every event`, tables: [worldsTable(result, Number(parameters['seeds']))] })),
  ].join('\n\n');
}

function learningSection(): string {
  return [
    section('node bench/regret.ts', newest<{ scores: readonly Score[]; bars: readonly RegretBar[] }>('regret'), ({ scores, bars }, { parameters }) => ({ how: `cumulative regret, mean over the runs ± one standard error; ${String(parameters['runs'])} of ${String(parameters['wanted'])} runs`, tables: [regretBarsTable(bars), problemsTable(scores)] })),
    section('node bench/adapt.ts', newest<AdaptFigures>('adapt'), ({ breakdowns, bars }) => ({ how: `five digit models behind a running broker, mean of ${breakdowns.length} runs`, tables: [adaptTable(bars)] })),
    section('node bench/select.ts', newest<readonly SelectFigure[]>('select'), (rows) => ({ tables: [selectTable(rows)] })),
    section('node bench/feedback.ts', newest<FeedbackResult>('feedback'), (result) => ({ tables: [feedbackTable(result)] })),
  ].join('\n\n');
}

function containersSection(): string {
  return [
    section('node bench/peers.ts', newest<PeersResult>('peers'), ({ rows, againstTriton }, { parameters }) => ({
      how: `the demo's logistic regression, 64 numbers in JSON, ${String(parameters['connections'])} connections of wrk on the same cores, closed loop; our container has ${String(parameters['maxInFlight'])} batches at a time, Triton's waits 0.5 ms for more rows; CPU of all processes of a server`,
      tables: [peersTable(rows), ...(againstTriton === undefined ? [] : [ratiosTable(againstTriton)])],
    })),
    section('node bench/wire.ts', newest<WireResult>('wire'), (result) => ({ how: 'one replica that does nothing (in Go, sums its rows) behind the broker\'s listener, 784 float32 a row over a Unix socket, nothing above', tables: [wireTable(result)] })),
    section('node bench/onnx.ts', newest<readonly OnnxRow[]>('onnx'), (rows) => ({ how: 'the ONNX container at the same place against the same model in-process, one thread each', tables: [onnxTable(rows)] })),
    section('node bench/foreign.ts', newest<readonly ForeignResult[]>('foreign'), (results, { parameters }) => ({ how: `a server of somebody else behind the broker and alone, in turns; HTTP, ${String(parameters['connections'])} connections, 64 numbers in JSON; the broker calls it over ${String(parameters['wire'])}`, tables: [foreignTable(results)] })),
    section('node bench/cold-start.ts', newest<readonly ColdStart[]>('cold-start'), (starts) => ({ how: 'from the wish for a first replica to the first answer, files in the cache of the system', tables: [coldStartTable(starts)] })),
    section('node bench/kills.ts', newest<readonly KillsOfKind[]>('kills'), (kinds) => ({ how: 'kill -9 of one of four replicas under load, a default set', tables: [killsTable(kinds)] })),
  ].join('\n\n');
}

function operationsSection(): string {
  return [
    section('node bench/operations.ts', newest<OperationsResult>('operations'), (result, { parameters }) => ({
      how: `synthetic models, ${String(parameters['rate'])} requests a second, open loop; before and during in turn, medians of ${String(parameters['rounds'])} rounds`,
      tables: [operationsTable(result.operations), holdingTable(result)],
    })),
    section('node bench/dashboard.ts', newest<DashboardFigures>('dashboard'), (result) => ({ tables: [dashboardTable(result)] })),
  ].join('\n\n');
}

function dashboardTable({ scrape, streams, bars }: DashboardFigures): Cells {
  return [
    ['being looked at', 'measured', 'at most', ''],
    [`ten event streams at full load (${(streams.bytesPerStreamSecond / 1000).toFixed(1)} kB/s each): CPU a request`, `${streams.ratio.toFixed(3)} ×`, `${bars.ratio} ×`, verdict(streams.ratio <= bars.ratio)],
    [`a scrape of ${scrape.models} models holds the loop at a time`, `${scrape.longestTurnMs.toFixed(2)} ms (${scrape.scrapeMs.toFixed(1)} ms in all)`, `${bars.turnMs} ms`, verdict(scrape.longestTurnMs <= bars.turnMs)],
  ];
}

function protocolsSection(): string {
  return section('node bench/protocols.ts', newest<{ rows: readonly ProtocolRow[] }>('protocols'), ({ rows }, { parameters }) => ({
    how: `medians of ${String(parameters['rounds'])} interleaved rounds, CPU of the broker's process or of the bare server's; the ratio is the median over the rounds (least–greatest)`,
    tables: [protocolsTable(rows)],
  }));
}

function adaptTable(bars: AdaptFigures['bars']): Cells {
  return [['live', 'measured', 'bar', ''], ...bars.map(({ what, value, bar, pass }) => [what, value.toFixed(4), bar, verdict(pass)])];
}

function selectTable(rows: readonly SelectFigure[]): Cells {
  return [['choosing', 'µs of CPU', 'at most', ''], ...rows.map(({ name, micros, barMicros }) => [name, micros.toFixed(2), barMicros?.toFixed(1) ?? '', barMicros === undefined ? '' : verdict(micros <= barMicros)])];
}

/** A run that was cut off has not shown what it was to show. */
function worldsTable({ worlds, answered, cancelled, batches, faults }: WorldsResult, seeds: number): Cells {
  return [['worlds', 'queries answered', 'left by their callers', 'batches', 'invariants broken', ''], [worlds < seeds ? `${worlds} of ${seeds}` : String(worlds), ...[answered, cancelled, batches, faults.length].map(String), verdict(faults.length === 0 && worlds >= seeds)]];
}

function otherSection(): string {
  const rows: string[][] = [];
  const add = (what: string, figure: string, bar: string, pass: boolean, stamped: Stamped<unknown>): void => {
    rows.push([what, figure, bar, verdict(pass), `${stamped.date.slice(0, 10)}, ${shortCommit(stamped)}${stolenWords(stamped)}`]);
  };
  const soak = newest<SoakFigures>('soak');
  if (soak !== undefined) {
    const { requests, growth, bar, pass, residentMb } = soak.result;
    add(`broker memory from ${millions(requests / 10)} to ${millions(requests)} requests`, `${(growth * 100).toFixed(1)} % (${(residentMb.at(-1) ?? 0).toFixed(0)} MB)`, `${bar * 100} %`, pass, soak);
  }
  const startup = newest<StartupFigures>('startup');
  if (startup !== undefined) {
    const { allReadyMs, firstLatencyMs, barMs, pass, warmed } = startup.result;
    const warmedText = warmed === undefined ? '' : `; with a warm-up ${(warmed.allReadyMs / 1000).toFixed(2)} s, ${warmed.firstLatencyMs.toFixed(1)} ms`;
    add('start to answers from all models of the demo', `${(allReadyMs / 1000).toFixed(2)} s (first answer took ${firstLatencyMs.toFixed(1)} ms${warmedText})`, `${barMs / 1000} s`, pass, startup);
  }
  const fuzz = newest<FuzzFigures>('fuzz');
  if (fuzz !== undefined) add(`hostile requests (${millions(fuzz.result.requests)}, seed ${fuzz.seed})`, `${fuzz.result.faults.length} faults`, '0', fuzz.result.faults.length === 0, fuzz);
  return rows.length === 0 ? '' : markdownTable([['figure', 'measured', 'at most', '', 'when'], ...rows]);
}

function millions(count: number): string {
  return count >= 1e6 ? `${Math.round(count / 1e5) / 10} million` : String(count);
}

function newest<Result>(bench: string): Stamped<Result> | undefined {
  return newestResult<Result>(RESULTS, bench);
}

const before = readFileSync(README, 'utf8');
try {
  const after = [
    ['road', [roadSection(), otherSection()].join('\n\n')], ['batching', batchingSection()], ['learning', learningSection()], ['protocols', protocolsSection()], ['containers', containersSection()], ['operations', operationsSection()],
  ].reduce((text, [name = '', content = '']) => withBlock(text, name, content), before);
  if (!process.argv.includes('--check')) writeFileSync(README, after);
  else if (after !== before) {
    say('README.md: the figures are not those of the newest results; run: npx node bench/report.ts');
    process.exitCode = 1;
  }
} catch (error) {
  say(`README.md: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
