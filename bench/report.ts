import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withBlock } from './report/block.ts';
import { newestResult } from './report/newest.ts';
import type { Stamped } from './report/stamp.ts';
import { markdownTable, type Cells } from './report/table.ts';
import { say } from './report/write.ts';
import { closedTable } from './road/closed.ts';
import { loneTable } from './road/lone.ts';
import { openTable } from './road/open.ts';
import type { RoadResult } from './road/result.ts';

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
interface StartupFigures { readonly allReadyMs: number; readonly firstAnswerMs: number; readonly firstLatencyMs: number; readonly barMs: number; readonly pass: boolean }
interface FuzzFigures { readonly requests: number; readonly faults: readonly string[] }

function roadSection(result: Stamped<RoadResult> | undefined): string {
  if (result === undefined) return '*Not measured yet: `node bench/road.ts` does.*';
  const { closed, lone, open } = result.result;
  const tables: Cells[] = [];
  if (closed !== undefined) tables.push(closedTable(closed));
  if (lone !== undefined) tables.push(loneTable(lone));
  if (open !== undefined && 'rows' in open) tables.push(openTable(open.rows));
  return [provenance(result, 'node bench/road.ts'), ...tables.map(markdownTable)].join('\n\n');
}

function otherSection(): string {
  const rows: string[][] = [];
  const add = (what: string, figure: string, bar: string, pass: boolean, stamped: Stamped<unknown>): void => {
    rows.push([what, figure, bar, pass ? 'pass' : 'MISSED', `${stamped.date.slice(0, 10)}, ${shortCommit(stamped)}`]);
  };
  const soak = newestResult<SoakFigures>(RESULTS, 'soak');
  if (soak !== undefined) {
    const { requests, growth, bar, pass, residentMb } = soak.result;
    add(`broker memory from ${millions(requests / 10)} to ${millions(requests)} requests`, `${(growth * 100).toFixed(1)} % (${(residentMb.at(-1) ?? 0).toFixed(0)} MB)`, `${bar * 100} %`, pass, soak);
  }
  const startup = newestResult<StartupFigures>(RESULTS, 'startup');
  if (startup !== undefined) {
    const { allReadyMs, firstLatencyMs, barMs, pass } = startup.result;
    add('start to answers from all models of the demo', `${(allReadyMs / 1000).toFixed(2)} s (first answer took ${firstLatencyMs.toFixed(1)} ms)`, `${barMs / 1000} s`, pass, startup);
  }
  const fuzz = newestResult<FuzzFigures>(RESULTS, 'fuzz');
  if (fuzz !== undefined) add(`hostile requests (${millions(fuzz.result.requests)}, seed ${fuzz.seed})`, `${fuzz.result.faults.length} faults`, '0', fuzz.result.faults.length === 0, fuzz);
  return rows.length === 0 ? '' : markdownTable([['figure', 'measured', 'at most', '', 'when'], ...rows]);
}

function provenance(result: Stamped<unknown>, command: string): string {
  const { rounds, connections } = result.parameters;
  return `\`${command}\`: medians of ${String(rounds)} interleaved rounds, ${String(connections)} keep-alive connections; Node ${result.node.slice(1)}, ${result.cores} cores of ${result.cpu}, `
    + `${result.date.slice(0, 10)}, commit ${shortCommit(result)}. CPU is of the broker's process, or the bare server's, by the operating system's accounts; the ratio is the median over the rounds (least–greatest).`;
}

function shortCommit({ commit, dirty }: Stamped<unknown>): string {
  return commit.slice(0, 12) + (dirty ? ' with changes' : '');
}

function millions(count: number): string {
  return count >= 1e6 ? `${Math.round(count / 1e5) / 10} million` : String(count);
}

const before = readFileSync(README, 'utf8');
try {
  const after = withBlock(before, 'road', [roadSection(newestResult<RoadResult>(RESULTS, 'road')), otherSection()].join('\n\n'));
  if (!process.argv.includes('--check')) writeFileSync(README, after);
  else if (after !== before) {
    say('README.md: the figures are not those of the newest results; run: npx node bench/report.ts');
    process.exitCode = 1;
  }
} catch (error) {
  say(`README.md: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
