import { parseArgs } from 'node:util';
import { readExamplesRequest, readMultiInferenceRequest } from '../frontend/grpc/tfs/example-codec.ts';
import { readMetadataRequest } from '../frontend/grpc/tfs/metadata-codec.ts';
import { predictRows, readPredictRequest } from '../frontend/grpc/tfs/predict-codec.ts';
import { readExamples } from '../frontend/http/tfs/examples-body.ts';
import { TfsPredictParser } from '../frontend/http/tfs/predict-parser.ts';
import { parseTarget } from '../frontend/http/predict-body/parse-target.ts';
import { exampleColumns, type ExampleList } from '../frontend/protocols/tfs/examples.ts';
import { SlabArena } from '../frontend/runtime/slab-arena.ts';
import { WireError } from '../protos/wire.ts';
import { below, chance } from './fuzz/draw.ts';
import { mutate } from './fuzz/mutate.ts';
import { INPUTS, messages, texts } from './fuzz/tfs-seeds.ts';
import { random, type Random } from './load/random.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `Mutated requests at every parser of TensorFlow Serving's protocol, with slabs that are overwritten when they are given back.

  node bench/fuzz-tfs.ts --inputs 1000000 --seed 7

  --inputs N    for each parser; 100000 unless given
  --seed N      drawn and printed unless given
  --json FILE   writes the result there; - is standard output

Exit code 1 where a parser threw what it may not, held memory, or took more than 100 ms of CPU.
`;
const SLOW_MS = 100;
const MAX_FAULTS = 5;
const LIMITS = { maxRows: 64, maxBytes: 1 << 20 };

const slabs = new SlabArena({ poison: true });
const target = parseTarget({ inputs: INPUTS, slabs, sloMinMs: 1, sloMaxMs: 1000, maxRows: LIMITS.maxRows, nonFinite: true, exactForms: true });
const parser = new TfsPredictParser();

/** What came of one input. */
type Verdict = 'accepted' | 'refused';

interface Contender {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  readonly parse: (bytes: Buffer, draw: Random) => Verdict;
}

const CONTENDERS: readonly Contender[] = [
  { name: 'REST predict', seeds: texts('predict'), parse: restPredict },
  { name: 'REST examples', seeds: texts('examples'), parse: (bytes) => {
    const body = readExamples(bytes);
    return body.ok ? examples(body.list) : 'refused';
  } },
  { name: 'gRPC Predict', seeds: messages('predict'), parse: grpcPredict },
  { name: 'gRPC Classify', seeds: messages('examples'), parse: (bytes) => examples(readExamplesRequest(bytes).list) },
  { name: 'gRPC MultiInference', seeds: messages('multi'), parse: (bytes) => examples(readMultiInferenceRequest(bytes).list) },
  { name: 'gRPC GetModelMetadata', seeds: messages('metadata'), parse: (bytes) => (readMetadataRequest(bytes).fields.length > 0 ? 'accepted' : 'refused') },
];

/** In pieces, as a socket gives them. */
function restPredict(bytes: Buffer, draw: Random): Verdict {
  parser.reset(target);
  for (let at = 0; at < bytes.length;) {
    const to = chance(draw, 0.8) ? bytes.length : at + 1 + below(draw, bytes.length - at);
    parser.push(Buffer.from(bytes.subarray(at, to)));
    at = to;
  }
  const result = parser.end();
  if (result.ok) for (const { slab } of result.body.columns ?? []) slabs.release(slab);
  return result.ok ? 'accepted' : 'refused';
}

function grpcPredict(bytes: Buffer): Verdict {
  const request = readPredictRequest(bytes);
  if ('code' in request) return 'refused';
  const rows = predictRows(bytes, request, { view: { inputs: INPUTS } }, { slabs, ...LIMITS });
  if (!('code' in rows)) for (const { slab } of rows.columns) slabs.release(slab);
  return 'code' in rows ? 'refused' : 'accepted';
}

function examples(list: ExampleList): Verdict {
  const columns = exampleColumns(list, INPUTS, { slabs, ...LIMITS });
  if (columns.ok) for (const { slab } of columns.columns) slabs.release(slab);
  return columns.ok ? 'accepted' : 'refused';
}

interface Tally {
  readonly name: string;
  readonly accepted: number;
  readonly refused: number;
  readonly noMessage: number;
  readonly faults: readonly string[];
}

function fuzz({ name, seeds, parse }: Contender, inputs: number, seed: number): Tally {
  const draw = random(seed);
  const count = { accepted: 0, refused: 0, noMessage: 0 };
  const faults: string[] = [];
  for (let i = 0; i < inputs && faults.length < MAX_FAULTS; i++) {
    const sown = seeds[below(draw, seeds.length)] ?? Buffer.alloc(0);
    const bytes = chance(draw, 0.05) ? sown : chance(draw, 0.5) ? flipped(draw, sown) : mutate(draw, sown);
    const startedAt = process.cpuUsage();
    try {
      count[parse(bytes, draw)]++;
    } catch (error) {
      if (error instanceof WireError) count.noMessage++;
      else faults.push(`${name}, input ${i}: ${String(error)}: ${bytes.toString('latin1').slice(0, 400)}`);
    }
    if (slabs.usedSlabs > 0) faults.push(`${name}, input ${i}: memory is held: ${bytes.toString('latin1').slice(0, 400)}`);
    const { user } = process.cpuUsage(startedAt);
    if (user > SLOW_MS * 1000) faults.push(`${name}, input ${i}: took ${Math.round(user / 1000)} ms: ${bytes.toString('latin1').slice(0, 400)}`);
  }
  for (const fault of faults) say(fault);
  return { name, ...count, faults };
}

/** One byte or two changed: the lengths in a message mostly survive that, and what they are of is read. */
function flipped(draw: Random, sown: Buffer): Buffer {
  const bytes = Buffer.from(sown);
  for (let left = 1 + below(draw, 2); left > 0; left--) bytes[below(draw, bytes.length)] = below(draw, 256);
  return bytes;
}

const { values } = parseArgs({ options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string' }, json: { type: 'string' }, help: { type: 'boolean', default: false } } });

if (values.help) {
  process.stdout.write(HELP);
} else {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const inputs = Number(values.inputs);
  say(`fuzzing TensorFlow Serving's parsers with seed ${seed}`);
  const parsers = CONTENDERS.map((contender) => fuzz(contender, inputs, seed));
  writeResult(values.json, { bench: 'fuzz-tfs', seed, parameters: { inputs }, result: { parsers } });
  for (const { name, accepted, refused, noMessage, faults } of parsers) say(`${name}: ${accepted} accepted, ${refused} refused, ${noMessage} no message, ${faults.length} faults`);
  process.exitCode = parsers.every(({ faults }) => faults.length === 0) ? 0 : 1;
}
