import type { RowsHeader, TensorSpec } from '../../../protos/wire.ts';
import type { Reply, SentTensor } from './broker-link.ts';
import { expect } from './failed.ts';
import { fits } from './sample-rows.ts';

/** What a batch asked for. */
export interface Asked {
  readonly rows: number;
  /** The outputs that were wanted, as the signature describes them; undefined where the hello has no outputs. */
  readonly outputs: readonly TensorSpec[] | undefined;
}

/** Every row was answered once, with every output that was wanted in its dtype and shape. */
export function judgeAnswered(asked: Asked, reply: Reply): void {
  const { error } = reply.done;
  expect(error === undefined, `${asked.rows} rows to be answered`, `done.error ${error?.code}: ${error?.message}`);
  const failed = reply.rows.flatMap(({ errors = [] }) => errors);
  expect(failed.length === 0, `${asked.rows} rows to be answered`, `errors of the rows ${failed.map(({ row, code, message }) => `${row} (${code}: ${message})`).join(', ')}`);
  judgeSettled(asked, reply);
}

/** Each row was answered or failed, none twice, and what was answered fits the signature. */
export function judgeSettled(asked: Asked, { rows, done }: Reply): void {
  const settled = rows.flatMap(({ at, errors = [] }) => [...at, ...errors.map(({ row }) => row)]);
  const twice = settled.filter((row, i) => settled.indexOf(row) !== i);
  expect(twice.length === 0, 'no row to occur twice', `row ${twice[0]} twice`);
  const missing = done.error === undefined ? asked.rows - settled.length : 0;
  expect(missing === 0, `each of ${asked.rows} rows to be answered or failed`, `done, with ${missing} rows left out`);
  for (const header of rows) judgeOutputs(asked.outputs, header);
}

function judgeOutputs(wanted: readonly TensorSpec[] | undefined, { at, outputs = [] }: RowsHeader): void {
  if (wanted === undefined || at.length === 0) return;
  const names = (of: readonly { readonly name: string }[]): string => of.map(({ name }) => name).toSorted().join(', ');
  expect(names(outputs) === names(wanted), `the outputs ${names(wanted)}`, `the outputs ${names(outputs)}`);
  for (const part of outputs) {
    const spec = wanted.find(({ name }) => name === part.name);
    if (spec === undefined) continue;
    expect(part.dtype === spec.dtype, `output ${spec.name} in ${spec.dtype}`, part.dtype);
    for (const shape of part.shapes ?? [part.shape]) expect(fits(shape, spec.shape), `output ${spec.name} with rows of shape [${spec.shape.join(',')}]`, `[${shape.join(',')}]`);
  }
}

/** The batch was refused as one that does not fit, and nothing of it was answered. */
export function judgeRefused(what: string, { done, rows }: Reply): void {
  const answered = rows.flatMap(({ at }) => at).length;
  expect(done.error?.code === 'bad_input', `done.error bad_input for ${what}`, done.error === undefined ? `${answered} rows answered` : `done.error ${done.error.code}: ${done.error.message}`);
}

/** The outputs are the inputs, bit by bit, in the order of the rows. */
export function judgeEcho(tensors: readonly SentTensor[], reply: Reply): void {
  const order = reply.rows.flatMap(({ at }) => at);
  expect(order.every((row, i) => row === i), 'rows in the order in which they were sent', `the order ${order.slice(0, 8).join(', ')}`);
  for (const { name, dtype, data } of tensors) {
    const came = reply.outputs[name];
    expect(came !== undefined && came.equals(data), `the bytes of ${name} (${dtype}) as they were sent`, came === undefined ? 'no such output' : `${came.length} bytes, ${firstDifference(came, data)}`);
  }
}

function firstDifference(came: Uint8Array, sent: Uint8Array): string {
  const at = sent.findIndex((byte, i) => came[i] !== byte);
  return at < 0 ? `not ${sent.length}` : `byte ${at} being ${came[at]} in place of ${sent[at]}`;
}
