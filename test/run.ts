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
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { findPart, isPart, PART_NAMES, requiredParts } from './support/requirements.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDERS = ['unit', 'property', 'tidy', 'simulation', 'integration', 'conformance', 'fault', 'e2e'];
/** Files at once. Tests with real processes and deadlines do not stand a crowd. */
const CONCURRENCY = Math.min(2, availableParallelism());
/** No file takes this long unless it hangs. */
const FILE_TIMEOUT_MS = 3 * 60 * 1000;
/** A file whose test was given up may hold something open and not end. Whoever waits for it hears nothing more: that ends the run. */
const MOST_SILENCE_MS = FILE_TIMEOUT_MS + 60_000;

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

async function main(paths: readonly string[]): Promise<number> {
  const lacking = tellMissing();
  const folders = paths.length > 0 ? paths : FOLDERS.map((folder) => join('test', folder)).filter((folder) => existsSync(join(ROOT, folder)));
  const files = [...new Set(folders.flatMap(filesBelow))].toSorted((a, b) => a.localeCompare(b));
  if (files.length === 0) throw new Error('no tests there');
  const count = { passed: 0, failed: 0, skipped: 0 };
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(new Error(`nothing was heard for ${MOST_SILENCE_MS / 1000} s`)), MOST_SILENCE_MS);
  const results = run({ files, concurrency: CONCURRENCY, timeout: FILE_TIMEOUT_MS, signal: silence.signal, cwd: ROOT });
  results.on('test:summary', ({ file, counts }) => {
    // One summary a file, and one of the whole run, which alone has no file.
    if (file !== undefined) return;
    count.passed = counts.passed;
    count.skipped = counts.skipped + counts.todo;
    count.failed = counts.tests - counts.passed - counts.skipped - counts.todo;
  });
  for await (const chunk of results.compose(spec())) {
    watch.refresh();
    process.stdout.write(String(chunk));
  }
  clearTimeout(watch);
  process.stdout.write(`\n${files.length} files\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  return count.failed > 0 || count.passed === 0 || lacking ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (thrown) {
  process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n0 passed, 1 failed, 0 skipped\n`);
  process.exitCode = 1;
}
