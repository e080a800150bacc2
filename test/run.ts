/**
 * What `npm test` runs: every test, or those below the paths given. Says first what this machine lacks, so that a skip is
 * never silent, and last what came of it.
 *
 *     npm test                                 everything
 *     npm test -- test/unit test/tidy          some folders
 *     npm test -- test/unit/protos/wire.test.ts
 *     TRADEWIND_REQUIRE=python3,setpriv npm test     what is named must not be missing
 */
import { existsSync, globSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative } from 'node:path';
import { finished } from 'node:stream/promises';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { findPart, isPart, PART_NAMES, requiredParts } from './support/requirements.ts';
import { runTestFile, type FileRun } from './support/test-file.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['unit', 'property', 'tidy', 'simulation', 'integration', 'conformance', 'fault', 'e2e'];
/** Files at once. Tests with real processes and deadlines do not stand a crowd. */
const CONCURRENCY = Math.min(2, availableParallelism());
/** No test takes this long unless it hangs. */
const TEST_TIMEOUT_MS = 3 * 60 * 1000;
/** Of one file. A test that was given up may hold something open. */
const MOST_SILENCE_MS = TEST_TIMEOUT_MS + 60_000;

function filesBelow(path: string): string[] {
  const absolute = join(ROOT, relative(ROOT, path));
  if (!existsSync(absolute)) throw new Error(`no such test: ${path}`);
  if (!statSync(absolute).isDirectory()) return [absolute];
  return globSync('**/*.test.ts', { cwd: absolute }).map((file) => join(absolute, file));
}

/** Prints a line for each part that is missing; says whether one of them is required. */
function tellMissing(): boolean {
  const required = requiredParts();
  let lacking = false;
  for (const part of PART_NAMES) {
    if (!isPart(part) || findPart(part) !== undefined) continue;
    const fatal = required.includes(part);
    lacking ||= fatal;
    process.stdout.write(fatal ? `MISSING ${part}: TRADEWIND_REQUIRE names it\n` : `SKIP ${part}: not on this machine; tests that need it are skipped\n`);
  }
  return lacking;
}

/** Once more where its process broke and no test had failed: what Node does to itself says nothing of ours, if it does not do it again. */
async function runFile(file: string): Promise<FileRun> {
  const options = { cwd: ROOT, testTimeoutMs: TEST_TIMEOUT_MS, silenceMs: MOST_SILENCE_MS };
  const first = await runTestFile(file, options);
  if (first.broke === undefined) return first;
  process.stdout.write(`AGAIN ${relative(ROOT, file)}: ${first.broke}, and ${first.counts.passed} of its tests had passed\n`);
  return runTestFile(file, options);
}

async function main(paths: readonly string[]): Promise<number> {
  const lacking = tellMissing();
  const folders = paths.length > 0 ? paths : FOLDERS.map((folder) => join('test', folder)).filter((folder) => existsSync(join(ROOT, folder)));
  const files = [...new Set(folders.flatMap(filesBelow))].toSorted((a, b) => a.localeCompare(b));
  if (files.length === 0) throw new Error('no tests there');
  const count = { passed: 0, failed: 0, skipped: 0 };
  const report = spec();
  report.pipe(process.stdout, { end: false });
  const left = files.values();
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    for (const file of left) {
      const { events, counts } = await runFile(file);
      for (const event of events) report.write(event);
      count.passed += counts.passed;
      count.failed += counts.failed;
      count.skipped += counts.skipped;
    }
  }));
  report.end();
  await finished(report);
  process.stdout.write(`\n${files.length} files\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  return count.failed > 0 || count.passed === 0 || lacking ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n0 passed, 1 failed, 0 skipped\n`);
  process.exitCode = 1;
}
