import { failStart, openContainer } from '../typescript/container.ts';
import type { Batch, Outputs } from '../typescript/predict.ts';
import { garbageFor, wrongRowCount } from './break-reply.ts';
import type { Fate } from './law.ts';
import { fateOf, serviceMs } from './law.ts';
import type { SyntheticOptions } from './options.ts';
import { readOptions } from './options.ts';
import { fillOutput, firstElement, rowSums } from './row-sum.ts';
import { uniform } from './uniform.ts';
import { waitForever, waitUntil } from './wait.ts';

// The synthetic container: a model whose service time and faults obey a known law (law.ts). For benches and fault tests.

const container = openContainer();
const options = reading();
const { law } = options;
let batches = 0;
let fate: Fate = 'answer';

if (options.exitAtStart) failStart('option exit_at_start: it exits');
waitUntil(performance.now() + options.startMs);
if (options.mute) waitForever();

const { inputs, outputs, warmUp, maxBatch, maxInFlight, saysModel } = options;
await container.serve(
  { inputs, outputs, warmUp, kit: 'tradewind-synthetic/0.1.0', about: { seed: law.seed }, ...(maxBatch && { maxBatch }), ...(maxInFlight && { maxInFlight }) },
  predict,
  {
    ...(saysModel !== undefined && { model: saysModel }),
    ...(options.badToken && { token: 'not-the-token' }),
    tamper: (reply, bytes) => {
      if (fate === 'garbage') return garbageFor(bytes);
      return fate === 'wrong_rows' ? wrongRowCount(reply, uniform(law.seed, batches, 2) < 0.5) : bytes;
    },
  },
);

function predict(batch: Batch): Outputs {
  const endsMs = performance.now() + serviceMs(law, batches, batch.rows);
  fate = fateOf(law, batches);
  batches++;
  if (law.poison !== undefined || law.rowError !== undefined) judgeRows(batch);
  const answer = options.echo ? batch.inputs : sums(batch);
  waitUntil(endsMs);
  if (fate === 'crash') die();
  if (fate === 'hang') waitForever();
  if (fate === 'fail') throw new Error('option fail: this batch fails');
  return answer;
}

function sums(batch: Batch): Outputs {
  const values = rowSums(batch.inputs, batch.rows);
  return Object.fromEntries(outputs.map((spec) => [spec.name, fillOutput(spec, values)]));
}

function judgeRows(batch: Batch): void {
  for (let row = 0; row < batch.rows; row++) {
    const first = firstElement(batch.inputs, row);
    if (first === law.poison) die();
    if (first === law.rowError) batch.fail(row, `option row_error: the first element is ${first}`);
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  return waitForever();
}

function reading(): SyntheticOptions {
  try {
    return readOptions(container.options, container.inputs);
  } catch (error) {
    return failStart(error);
  }
}
