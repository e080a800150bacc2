import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openInProcess } from './onnx/in-process.ts';
import { onnxTable, passes, type OnnxRow } from './onnx/result.ts';
import { median } from './report/median.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';
import { LARGE, measureWire, testRows } from './wire/measure.ts';
import { openReplica } from './wire/replica.ts';

const HELP = `The ONNX container against ONNX Runtime called in-process, on one thread each: rows a second of batches of ${LARGE}, closed loop,
over the container wire and nothing above it, in turns.

  node bench/onnx.ts [flags]

  --rounds N    5 unless given
  --seconds S   of each point in a round, after as many to warm up; 2 unless given
  --small       a size that takes seconds, to see that it runs: no bar is held
  --json FILE   writes the result there; - is standard output

Exit code 1 where a figure misses its bar.
`;
const SMALL = { rounds: 1, seconds: 0.2 };

const MODELS = [
  { model: 'MLP 784-512-512-10', file: './models/mlp-784/1/model.onnx', features: 784, bar: 0.9 },
  { model: 'linear, 784', file: './models/linear-784/1/model.onnx', features: 784 },
  { model: 'forest, 64', file: '../deploy/demo/models/digits-forest/1/model.onnx', features: 64 },
] as const;
/** The next batch is there when one has ended, or is sent then. The bar is of the former. */
const IN_FLIGHT = [2, 1];

interface Size {
  readonly rounds: number;
  readonly seconds: number;
}

async function measure(what: (typeof MODELS)[number], { rounds, seconds }: Size): Promise<readonly OnnxRow[]> {
  const { model, features } = what;
  const path = fileURLToPath(new URL(what.file, import.meta.url));
  const alone = await openInProcess(path);
  const { input } = alone;
  const replica = await openReplica(() => ({ container: { kind: 'builtin', name: 'onnx' }, path, options: { threads: 1, max_in_flight: 2, max_batch: LARGE }, input: [{ name: input, dtype: 'float32', shape: [features] }] }));
  const inProcess: number[] = [];
  const behind = new Map<number, number[]>(IN_FLIGHT.map((inFlight) => [inFlight, []]));
  try {
    for (let round = 0; round < rounds; round++) {
      inProcess.push(await alone.rowsPerSecond({ rows: LARGE, values: testRows(LARGE, features), seconds }));
      for (const [inFlight, found] of behind) found.push((await measureWire(replica, { rows: LARGE, inFlight, seconds, input, features })).rowsPerSecond);
    }
  } finally {
    await replica.close();
    await alone.close();
  }
  return [...behind].map(([inFlight, found]) => ({
    model, rows: LARGE, inFlight, rowsPerSecond: median(found), inProcessRowsPerSecond: median(inProcess), ratio: median(found.map((each, round) => each / (inProcess[round] ?? NaN))),
    ...('bar' in what && inFlight === 2 && { bar: what.bar }),
  }));
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  const size = values.small ? SMALL : { rounds: Number(values.rounds), seconds: Number(values.seconds) };
  const rows: OnnxRow[] = [];
  for (const model of MODELS) {
    rows.push(...await measure(model, size));
    say(`${model.model}: ${rows.slice(-IN_FLIGHT.length).map(({ inFlight, ratio }) => `${ratio.toFixed(3)} with ${inFlight} in flight`).join(', ')}`);
  }
  say(textTable(onnxTable(rows)));
  writeResult(values.json, { bench: 'onnx', seed: 0, parameters: { ...size, threads: 1, small: values.small }, result: rows });
  process.exitCode = values.small || rows.every(passes) ? 0 : 1;
}
