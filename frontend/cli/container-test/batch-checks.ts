import { DTYPE_BYTES } from '../../../protos/dtype.ts';
import { parseCredit } from '../../../protos/parse-headers.ts';
import { type BatchHeader, controlFrame, FRAME, type FrameKind, payloadBytes, type TensorPart, type TensorSpec } from '../../../protos/wire.ts';
import { SharedMemory } from '../../rpc/shared-memory.ts';
import { batchFrame, type Reply, type SentTensor } from './broker-link.ts';
import type { Check } from './check.ts';
import { expect, Failed } from './failed.ts';
import { judgeAnswered, judgeEcho, judgeRefused, judgeSettled } from './judge-reply.ts';
import { rowValues, sampleRows, type SampleOptions } from './sample-rows.ts';
import type { Served, Trial } from './trial.ts';
import { wideMsgpack } from './wide-msgpack.ts';

const BIG_BYTES = 8 * 1024 * 1024;
const MOST_ROWS = 1024;

/** What the author says that rows hold. */
function samples({ options: { row, echo } }: Trial, { inputs }: Served): SampleOptions {
  expect(inputs.length > 0, 'inputs in the hello, or a declaration of them (--input)', 'neither');
  return row === undefined ? { patterned: echo } : { values: [rowValues(inputs, row)] };
}

/** A reply to `tensors` in which all rows are answered, in every respect. */
function judge(trial: Trial, { hello }: Served, rows: number, tensors: readonly SentTensor[], reply: Reply): void {
  judgeAnswered({ rows, outputs: hello.outputs }, reply);
  if (trial.options.echo) judgeEcho(tensors, reply);
}

/** Asks for so many rows, and has them judged. */
async function answered(trial: Trial, served: Served, rows: number, more?: Partial<BatchHeader>): Promise<Reply> {
  const tensors = sampleRows(served.inputs, rows, samples(trial, served));
  const reply = await served.ask(rows, tensors, more);
  judge(trial, served, rows, tensors, reply);
  return reply;
}

/** Has a frame that was put together by hand judged as the batch that it is. */
async function answeredFrame(trial: Trial, served: Served, write: (id: number, tensors: readonly SentTensor[]) => Promise<void> | void): Promise<void> {
  const id = served.nextBatch();
  const tensors = sampleRows(served.inputs, 2, samples(trial, served));
  await write(id, tensors);
  judge(trial, served, 2, tensors, await trial.within(served.started, 'the answer to a batch of 2 rows', served.worker.reply(id, 2)));
}

async function credits(trial: Trial): Promise<undefined> {
  const served = await trial.shared();
  const { done } = await answered(trial, served, 1);
  expect(done.credit === 1, 'credit 1 back in the done of the batch that it was spent on', `credit ${done.credit ?? 0}`);
  expect(served.worker.count(FRAME.credit) === 0, `no more credits than the ${served.credits} that were given at first`, 'another credit frame');
  return undefined;
}

async function dtypes(trial: Trial): Promise<undefined> {
  await answered(trial, await trial.shared(), 6);
  return undefined;
}

async function rows(trial: Trial): Promise<undefined> {
  const served = await trial.shared();
  const most = Math.min(served.hello.max_batch ?? 128, MOST_ROWS);
  for (const count of new Set([1, 2, 7, most].filter((size) => size <= most))) await answered(trial, served, count);
  return undefined;
}

async function ragged(trial: Trial): Promise<string | undefined> {
  const served = await trial.shared();
  if (!served.inputs.some((spec) => spec.ragged === true)) return 'no input of its signature is ragged';
  const tensors = sampleRows(served.inputs, 5, { patterned: trial.options.echo });
  judge(trial, served, 5, tensors, await served.ask(5, tensors));
  return undefined;
}

/** Free extents are stretched; where there are none, rows are many. What is too large for the model it may refuse, in words. */
async function big(trial: Trial): Promise<undefined> {
  const served = await trial.shared();
  const options = samples(trial, served);
  const rowBytes = sampleRows(served.inputs, 1, options).reduce((sum, { data }) => sum + data.length, 0);
  const isOpen = options.values === undefined && served.inputs.some(({ shape, dtype }) => dtype !== 'bytes' && shape.filter((extent) => extent === -1).length === 1);
  const count = isOpen ? 3 : Math.max(1, Math.min(served.hello.max_batch ?? Infinity, MOST_ROWS, Math.floor(BIG_BYTES / Math.max(1, rowBytes))));
  const tensors = isOpen ? served.inputs.flatMap((spec) => sampleRows([spec], count, { ...options, openExtent: stretched(spec, served.inputs.length) })) : sampleRows(served.inputs, count, options);
  const reply = await served.ask(count, tensors);
  const refused = !trial.options.echo && (reply.done.error !== undefined || reply.rows.some(({ errors }) => errors !== undefined));
  if (refused) judgeSettled({ rows: count, outputs: served.hello.outputs }, reply);
  else judge(trial, served, count, tensors, reply);
  await answered(trial, served, 1);
  return undefined;
}

/** The extent with which the one axis that is free makes a row of its share of the bytes. */
function stretched({ shape, dtype }: TensorSpec, inputs: number): number {
  if (dtype === 'bytes' || shape.filter((extent) => extent === -1).length !== 1) return 4;
  const others = shape.reduce((product, extent) => (extent < 0 ? product : product * extent), 1);
  return Math.max(1, Math.floor(BIG_BYTES / 3 / inputs / DTYPE_BYTES[dtype] / Math.max(1, others)));
}

async function wanted(trial: Trial): Promise<string | undefined> {
  const served = await trial.shared();
  const last = served.hello.outputs?.at(-1);
  if (last === undefined || served.hello.outputs?.length === 1) return 'its signature has one output, or says none';
  const tensors = sampleRows(served.inputs, 2, samples(trial, served));
  judgeAnswered({ rows: 2, outputs: [last] }, await served.ask(2, tensors, { outputs: [last.name] }));
  return undefined;
}

async function misfit(trial: Trial): Promise<undefined> {
  const served = await trial.shared();
  const [first, ...others] = sampleRows(served.inputs, 2, samples(trial, served));
  if (first === undefined) throw new Failed('a signature with inputs', 'none');
  const { inputs: [spec], hello: { max_batch: most } } = served;
  const dtype = first.dtype === 'int32' ? 'float32' : 'int32';
  const other = (shape: readonly number[], as: SentTensor['dtype'] = first.dtype): SentTensor[] => sampleRows([{ name: first.name, dtype: as, shape }], 2).concat(others);
  const misfits: [string, readonly SentTensor[], Partial<BatchHeader>?][] = [
    ['a batch without inputs', []],
    [`input ${first.name} in ${dtype}`, other(first.shape.map(Math.abs), dtype)],
    [`input ${first.name} with one axis more`, other([...(spec?.shape ?? []).map((extent) => (extent < 0 ? 2 : extent)), 1])],
    ['an output that it does not have', [first, ...others], { outputs: ['no such output'] }],
  ];
  for (const [what, tensors, more] of misfits) judgeRefused(what, await served.ask(2, tensors, more));
  if (most !== undefined && most < MOST_ROWS) judgeRefused(`${most + 1} rows, its max_batch being ${most}`, await served.ask(most + 1, sampleRows(served.inputs, most + 1, samples(trial, served))));
  await answered(trial, served, 1);
  return undefined;
}

async function rowErrors(trial: Trial): Promise<string | undefined> {
  const { failingRow, row, echo } = trial.options;
  if (failingRow === undefined) return 'say a row that the model must fail with --failing-row';
  const served = await trial.shared();
  const good = row === undefined ? {} : rowValues(served.inputs, row);
  const bad = rowValues(served.inputs, failingRow);
  const reply = await served.ask(3, sampleRows(served.inputs, 3, { values: [good, bad, good], patterned: echo }));
  judgeSettled({ rows: 3, outputs: served.hello.outputs }, reply);
  const failed = reply.rows.flatMap(({ errors = [] }) => errors.map((error) => error.row));
  expect(reply.done.error === undefined && failed.join() === '1', 'row 1 of 3 in `errors`, and the others answered', reply.done.error === undefined ? `errors of the rows [${failed.join(', ')}]` : `done.error ${reply.done.error.code}: ${reply.done.error.message}`);
  return undefined;
}

const STRANGE: object = { 'x-new': [1, 'two', { three: null }], 'x-bytes': Buffer.from([0xff]), 'x-float': 1.5 };

async function unknownKeys(trial: Trial): Promise<undefined> {
  const served = await trial.serve({ welcome: (worker) => worker.control(FRAME.welcome, { wire: 1, heartbeat_ms: 50, replica: 'r1', ...STRANGE }) });
  // A kind that a later version may have.
  served.worker.write(controlFrame(99 as FrameKind, STRANGE));
  await answered(trial, served, 2, STRANGE);
  served.worker.control(FRAME.heartbeat);
  await answered(trial, served, 2, { params: { temperature: 0.5 }, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
  await served.started.kill();
  return undefined;
}

async function sharedMemory(trial: Trial): Promise<string | undefined> {
  const memory = SharedMemory.create();
  if (memory === undefined) return 'this system has no memory that can be shared';
  try {
    const offering = (token: string) => trial.serve({ welcome: (worker) => worker.control(FRAME.welcome, { wire: 1, heartbeat_ms: 50, replica: 'r1', shared: { ...memory.offer, token } }) });
    const misled = await offering('of-another-file');
    expect(!misled.sharesMemory, 'no `shared` in its credit for memory that does not begin with the token', '`shared`');
    await answered(trial, misled, 2);
    await misled.started.kill();
    const served = await offering(memory.offer.token);
    const shares = served.sharesMemory;
    // In the last place that there is, in the first, and in its frame; each with other rows than the one before.
    const takesLast = memory.offer.bytes - payloadBytes(sampleRows(served.inputs, 5, samples(trial, served)).map(({ data }) => ({ bytes: data.length })));
    for (const [rows, at] of shares ? [[5, takesLast - (takesLast % 8)], [3, 4096], [4, 4096]] as const : []) await answeredShared(trial, served, rows, { memory, at });
    await answered(trial, served, 2);
    await served.started.kill();
    return shares ? undefined : 'it takes none';
  } finally {
    memory.close();
  }
}

/** Has a batch judged that lies in shared memory. */
async function answeredShared(trial: Trial, served: Served, count: number, { memory, at }: { readonly memory: SharedMemory; readonly at: number }): Promise<void> {
  const tensors = sampleRows(served.inputs, count, samples(trial, served));
  const inputs = tensors.map(({ data, ...part }): TensorPart => ({ ...part, bytes: data.length }));
  const whole = batchFrame(1, count, tensors);
  expect(memory.write([whole.subarray(whole.length - payloadBytes(inputs))], at), 'memory to share', 'none left on this system');
  const id = served.nextBatch();
  served.worker.control(FRAME.batch, { rows: count, budget_us: 1_000_000, inputs, shared: at } satisfies BatchHeader, id);
  judge(trial, served, count, tensors, await trial.within(served.started, `the answer to a batch of ${count} rows in shared memory`, served.worker.reply(id, count)));
}

async function encodings(trial: Trial): Promise<undefined> {
  const served = await trial.shared();
  for (const floats of [false, true]) {
    await answeredFrame(trial, served, (id, tensors) => served.worker.write(batchFrame(id, 2, tensors, {}, (header) => wideMsgpack(header, floats))));
  }
  return undefined;
}

async function pieces(trial: Trial): Promise<undefined> {
  const served = await trial.shared();
  await answeredFrame(trial, served, async (id, tensors) => {
    const frame = batchFrame(id, 2, tensors);
    // Cut inside of the prefix, the header and the payload.
    const cuts = [0, 1, 15, 17, 30, frame.length - 1, frame.length];
    for (const [i, cut] of cuts.slice(1).entries()) {
      served.worker.write(frame.subarray(cuts[i], Math.min(cut, frame.length)));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  });
  return undefined;
}

async function cancel(trial: Trial): Promise<undefined> {
  const served = await trial.shared();
  const { worker, started } = served;
  const id = served.nextBatch();
  worker.write(Buffer.concat([
    batchFrame(id, 3, sampleRows(served.inputs, 3, samples(trial, served))),
    controlFrame(FRAME.cancel, { rows: [0, 2] }, id),
    controlFrame(FRAME.cancel, { rows: [0] }, 4_000_000_000),
  ]));
  const reply = await trial.within(started, 'a done for a batch of which rows were cancelled', worker.reply(id, 3));
  const settled = new Set(reply.rows.flatMap(({ at, errors = [] }) => [...at, ...errors.map(({ row }) => row)]));
  expect(settled.has(1) && reply.done.error === undefined, 'row 1, which was not cancelled, to be answered', `rows [${[...settled].join(', ')}]${reply.done.error === undefined ? '' : ` and done.error ${reply.done.error.code}`}`);
  worker.control(FRAME.cancel, { rows: [1] }, id);
  await answered(trial, served, 1);
  return undefined;
}

/** All credits at once, and then one batch more, which a container may see only once a credit is back: then it is right to answer. */
async function overload(trial: Trial): Promise<undefined> {
  const served = await trial.serve();
  const { worker, started, credits: given } = served;
  const most = Math.min(given, 64);
  const tensors = sampleRows(served.inputs, 2, samples(trial, served));
  worker.write(Buffer.concat(Array.from({ length: most }, () => batchFrame(served.nextBatch(), 2, tensors))));
  let back = 0;
  for (let id = 1; id <= most; id++) {
    const reply = await trial.within(started, `the answers to ${most} batches, as many as it gave credits`, worker.reply(id, 2));
    judge(trial, served, 2, tensors, reply);
    back += reply.done.credit ?? 0;
  }
  while (worker.count(FRAME.credit) > 0) back += parseCredit((await worker.next(FRAME.credit)).header).n;
  expect(back <= most, `at most ${most} credits back for ${most} batches`, `${back}`);
  worker.write(Buffer.concat(Array.from({ length: given + 1 }, () => batchFrame(served.nextBatch(), 2, tensors))));
  for (let left = given + 1; left > 0;) {
    const { kind, header } = await trial.within(started, 'an answer, or goodbye protocol_error, to a batch more than there were credits', worker.any());
    if (kind === FRAME.done) left--;
    if (kind !== FRAME.goodbye) continue;
    const { code } = header as { code?: unknown };
    expect(code === 'protocol_error', 'goodbye protocol_error for a batch without a credit', `goodbye ${String(code)}`);
    break;
  }
  await started.kill();
  return undefined;
}

export const BATCH_CHECKS: readonly Check[] = [
  { name: 'credits', promise: 'gives a credit back with each batch, and no more than it gave at first', run: credits },
  { name: 'dtypes', promise: 'takes every dtype of its inputs and answers with its outputs, in their dtypes and shapes', run: dtypes },
  { name: 'rows', promise: 'answers batches of one row, of a few, and of as many as it takes', run: rows },
  { name: 'ragged', promise: 'takes rows of different shapes', run: ragged },
  { name: 'big', promise: 'takes megabytes, or refuses them in words', run: big },
  { name: 'wanted', promise: 'answers with the outputs that are wanted, and only them', run: wanted },
  { name: 'misfit', promise: 'says bad_input to what does not fit its signature, and goes on', run: misfit },
  { name: 'row-errors', promise: 'fails a row alone', run: rowErrors },
  { name: 'unknown-keys', promise: 'leaves aside header keys and frame kinds that it does not know', run: unknownKeys },
  { name: 'encodings', promise: 'reads every msgpack form of a header', run: encodings },
  { name: 'shared-memory', promise: 'reads batches in memory that it took, and takes none that is not what was offered', run: sharedMemory },
  { name: 'pieces', promise: 'reads frames that come in pieces', run: pieces },
  { name: 'cancel', promise: 'ends a batch of which rows were cancelled like any other', run: cancel },
  { name: 'overload', promise: 'takes as many batches at once as it gave credits, and more in good order', run: overload },
];
