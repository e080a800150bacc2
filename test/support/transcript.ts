import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

/** TRADEWIND_WRITE_GOLDEN=1 writes what comes out, to be read over before it is kept. */
export const WRITES_GOLDEN = process.env['TRADEWIND_WRITE_GOLDEN'] !== undefined;

/** What differs from run to run by one word, and of what models compute as many digits as every machine agrees on. */
export function settled(text: string): string {
  return text.replaceAll(/Ag[\w-]{80,}/g, '<decision>').replaceAll(/\d+\.\d{5,}(?:e-?\d+)?|\d\.\d+e-\d+/g, (number) => Number(number).toPrecision(4));
}

interface Exchange {
  readonly request: string;
  readonly headers: readonly string[];
  readonly body: string | undefined;
  readonly answer: string;
}

/** Blocks of a request line, its headers behind `> name: `, its body behind `> `, and the answer as it came. */
function exchanges(file: URL): readonly Exchange[] {
  return readFileSync(file, 'utf8').trim().split(/\n\n(?=(?:GET|POST|PUT|DELETE) )/).map((block) => {
    const [request = '', ...lines] = block.split('\n');
    const sent = lines.filter((line) => line.startsWith('> ')).map((line) => line.slice(2));
    const headers = sent.filter((line) => /^[\w-]+: /.test(line));
    return { request, headers, body: sent[headers.length], answer: lines.slice(sent.length).join('\n') };
  });
}

/** Sends every request of a transcript and holds the answers against what stands there; says how many there were. */
export async function replayTranscript(file: URL, url: string): Promise<number> {
  const seen: string[] = [];
  for (const { request, headers, body, answer } of exchanges(file)) {
    const [method = '', path = ''] = request.split(' ');
    const response = await fetch(`${url}${path}`, { method, headers: headers.map((line) => line.split(': ', 2) as [string, string]), ...(body === undefined ? {} : { body }) });
    const facts = [...response.headers].filter(([name]) => name.startsWith('tradewind-')).map(([name, value]) => `${name}: ${value}`).toSorted();
    const got = settled([`${response.status} ${response.headers.get('content-type')}`, ...facts, await response.text()].join('\n'));
    seen.push([request, ...headers.map((line) => `> ${line}`), ...(body === undefined ? [] : [`> ${body}`]), got].join('\n'));
    if (!WRITES_GOLDEN) assert.equal(got, answer, request);
  }
  if (WRITES_GOLDEN) writeFileSync(file, `${seen.join('\n\n')}\n`);
  return seen.length;
}

/** Holds lines, one a call, against those of a file. */
export function matchLines(file: URL, lines: string): void {
  const got = settled(lines).trim();
  if (WRITES_GOLDEN) writeFileSync(file, `${got}\n`);
  else assert.deepEqual(got.split('\n'), readFileSync(file, 'utf8').trim().split('\n'));
}
