import { run } from 'node:test';
import type { TestEvent } from 'node:test/reporters';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What came of a test file. */
export interface FileRun {
  readonly counts: Counts;
  /** For a reporter. */
  readonly events: readonly TestEvent[];
  /** How its process ended where that is all that failed, though some of its tests had passed: Node died, or it did not end. */
  readonly broke: string | undefined;
}

export interface FileRunOptions {
  readonly cwd: string;
  /** Of a test that sets no other. */
  readonly testTimeoutMs: number;
  /** A process that says nothing for so long is ended. */
  readonly silenceMs: number;
}

/**
 * Runs one test file, in a process of its own. Its end is waited for: of a file whose tests have all ended, but which holds
 * something open, Node's own limits say nothing.
 */
export async function runTestFile(file: string, { cwd, testTimeoutMs, silenceMs }: FileRunOptions): Promise<FileRun> {
  const silence = new AbortController();
  const watch = setTimeout(() => silence.abort(new Error(`nothing was heard for ${silenceMs / 1000} s`)), silenceMs);
  const events: TestEvent[] = [];
  let counts: Counts = { passed: 0, failed: 1, skipped: 0 };
  try {
    for await (const event of run({ files: [file], cwd, timeout: testTimeoutMs, signal: silence.signal }) as AsyncIterable<TestEvent>) {
      watch.refresh();
      if (event.type === 'test:summary') counts = countsOf(event.data.counts);
      // Those that name no file are of the whole run: this file again.
      else if (event.type !== 'test:diagnostic' || event.data.file !== undefined) events.push(event);
    }
  } finally {
    clearTimeout(watch);
  }
  return { counts, events, broke: breakOf(events, counts) };
}

function countsOf({ tests, passed, skipped, todo }: { tests: number; passed: number; skipped: number; todo: number }): Counts {
  return { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
}

function breakOf(events: readonly TestEvent[], { passed, failed }: Counts): string | undefined {
  if (passed === 0 || failed !== 1) return undefined;
  for (const event of events) {
    if (event.type !== 'test:fail') continue;
    const { failureType, signal } = event.data.details.error as { readonly failureType?: string; readonly signal?: string | null };
    if (failureType === 'testAborted') return 'it did not end';
    if (typeof signal === 'string') return `${signal} ended it`;
  }
  return undefined;
}
