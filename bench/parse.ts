import { createHash } from 'node:crypto';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import type { Dtype } from '../protos/dtype.ts';
import { BinaryPredictParser } from '../frontend/http/predict-body/binary-body.ts';
import { JsonPredictParser } from '../frontend/http/predict-body/json-predict-parser.ts';
import { type ParseTarget, parseTarget } from '../frontend/http/predict-body/parse-target.ts';
import type { ParseResult } from '../frontend/http/predict-body/predict-body.ts';
import { SlabArena } from '../frontend/runtime/slab-arena.ts';

/**
 * What reading a predict body costs: our parsers beside `JSON.parse` of the same bytes, interleaved round by round; the
 * median and the best of the rounds, in microseconds of CPU (the operating system's accounting) a body. Prints one JSON line.
 *
 *     node bench/parse.ts --rounds 31 --bodies 400 --seed 1
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '31' }, bodies: { type: 'string', default: '400' }, seed: { type: 'string', default: '1' } },
});
const rounds = Number(values.rounds);
const bodies = Number(values.bodies);
const seed = Number(values.seed);

interface Contest {
  readonly name: string;
  readonly body: Buffer;
  readonly ours: () => ParseResult;
  /** The same by `JSON.parse`; absent for a binary body. */
  readonly theirs?: () => unknown;
}

const slabs = new SlabArena();
const json = new JsonPredictParser();
const binary = new BinaryPredictParser();
const random = generator(seed);

const contests: readonly Contest[] = [
  jsonContest('8 floats, 4 digits', 'float32', 8, () => Number((random() * 20 - 10).toFixed(4))),
  jsonContest('784 floats, 7 digits', 'float32', 784, () => Number(random().toFixed(7))),
  jsonContest('784 floats, 17 digits', 'float32', 784, random),
  jsonContest('784 doubles, 17 digits', 'float64', 784, random),
  jsonContest('784 integers to 255', 'uint8', 784, () => Math.floor(random() * 256)),
  jsonContest('150528 floats, 7 digits', 'float32', 150528, () => Number(random().toFixed(7))),
  binaryContest('784 floats, binary', 784),
];

const result = contests.map((contest) => {
  const ours: number[] = [];
  const theirs: number[] = [];
  const times = Math.max(1, Math.round((bodies * 8192) / Math.max(contest.body.length, 512)));
  micros(times, () => give(contest.ours()));
  for (let round = 0; round < rounds; round++) {
    ours.push(micros(times, () => give(contest.ours())));
    if (contest.theirs !== undefined) theirs.push(micros(times, contest.theirs));
  }
  return {
    name: contest.name,
    bytes: contest.body.length,
    parser_us: median(ours),
    parser_best_us: rounded(Math.min(...ours)),
    ...(contest.theirs === undefined ? {} : { json_parse_us: median(theirs), json_parse_best_us: rounded(Math.min(...theirs)) }),
  };
});

process.stdout.write(`${JSON.stringify({
  bench: 'parse', node: process.version, cpu: cpus()[0]?.model ?? 'unknown', seed, parameters: { rounds, bodies }, result, answer: answerHash(),
})}\n`);

function jsonContest(name: string, dtype: Dtype, count: number, next: () => number): Contest {
  const body = Buffer.from(JSON.stringify({ input: Array.from({ length: count }, next) }));
  const target = targetOf(dtype, count);
  return {
    name,
    body,
    ours: () => {
      json.reset(target);
      // A socket hands over at most 64 KiB at a time.
      for (let at = 0; at < body.length; at += 65536) json.push(body.length <= 65536 ? body : body.subarray(at, at + 65536));
      return json.end();
    },
    theirs: () => JSON.parse(body.toString()) as unknown,
  };
}

function binaryContest(name: string, count: number): Contest {
  const body = Buffer.from(Float32Array.from({ length: count }, random).buffer);
  const target = targetOf('float32', count);
  return {
    name,
    body,
    ours: () => {
      binary.reset(target, {});
      binary.push(body);
      return binary.end();
    },
  };
}

function targetOf(dtype: Dtype, count: number): ParseTarget {
  return parseTarget({ inputs: [{ name: 'x', dtype, shape: [count] }], slabs, sloMinMs: 1, sloMaxMs: 60_000 });
}

function give(result: ParseResult): void {
  if (!result.ok) throw new Error(result.failure.message);
  for (const column of result.body.columns) slabs.release(column.slab);
}

/** A hash of all tensors that were read: equal on every machine for one seed. */
function answerHash(): string {
  const hash = createHash('sha256');
  for (const contest of contests) {
    const parsed = contest.ours();
    if (parsed.ok) for (const { slab, offset, rowBytes } of parsed.body.columns) hash.update(slab.bytes.subarray(offset, offset + rowBytes));
    give(parsed);
  }
  return hash.digest('hex').slice(0, 16);
}

function micros(times: number, run: () => unknown): number {
  const begin = process.cpuUsage();
  for (let i = 0; i < times; i++) run();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / times;
}

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return rounded(sorted[sorted.length >> 1] ?? 0);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Mulberry32, to 2^53 steps: doubles in [0, 1) with all their digits. */
function generator(start: number): () => number {
  let state = start >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return () => ((next() >>> 5) * 67108864 + (next() >>> 6)) / 9007199254740992;
}
