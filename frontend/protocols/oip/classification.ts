import { DTYPE_BYTES, type Dtype } from '../../../protos/dtype.ts';
import { texts, type AnswerTensor } from '../answer-tensors.ts';

type Score = number | bigint;
type Read = (view: DataView, at: number) => Score;
const READ: Readonly<Partial<Record<Dtype, Read>>> = Object.freeze({
  int8: (view, at) => view.getInt8(at), uint8: (view, at) => view.getUint8(at),
  int16: (view, at) => view.getInt16(at, true), uint16: (view, at) => view.getUint16(at, true),
  int32: (view, at) => view.getInt32(at, true), uint32: (view, at) => view.getUint32(at, true),
  int64: (view, at) => view.getBigInt64(at, true), uint64: (view, at) => view.getBigUint64(at, true),
  float32: (view, at) => view.getFloat32(at, true), float64: (view, at) => view.getFloat64(at, true),
});

/**
 * Triton's classification extension: of each row the `count` greatest elements of its last axes, greatest first, as text
 * `value:index` or `value:index:class name`; dtype `bytes`, shape `[rows, count]`. A score that is NaN comes behind all others.
 * Undefined where the elements are no numbers.
 */
export function classified(tensor: AnswerTensor, count: number, classNames: readonly string[] | undefined): AnswerTensor | undefined {
  const read = READ[tensor.dtype];
  const [rows = 0, ...row] = tensor.shape;
  if (read === undefined || rows === 0) return undefined;
  const data = new Uint8Array(tensor.bytes);
  tensor.write(data, 0);
  const view = new DataView(data.buffer);
  const size = DTYPE_BYTES[tensor.dtype];
  const classes = row.reduce((product, extent) => product * extent, 1);
  const most = Math.min(count, classes);
  const values: string[] = [];
  for (let at = 0; at < rows; at++) {
    const scores = Array.from({ length: classes }, (_, index) => ({ index, score: read(view, (at * classes + index) * size) }));
    scores.sort(greatestFirst);
    for (const { index, score } of scores.slice(0, most)) {
      const value = typeof score === 'bigint' || !tensor.dtype.startsWith('float') ? String(score) : score.toFixed(6);
      values.push(classNames?.[index] === undefined ? `${value}:${index}` : `${value}:${index}:${classNames[index]}`);
    }
  }
  return texts(tensor.name, values, [rows, most]);
}

/** Without a place of its own NaN would be neither less nor greater than its neighbours, and the order of those chance. */
function greatestFirst(a: { index: number; score: Score }, b: { index: number; score: Score }): number {
  if (a.score > b.score) return -1;
  if (a.score < b.score) return 1;
  const behind = Number(Number.isNaN(a.score)) - Number(Number.isNaN(b.score));
  return behind === 0 ? a.index - b.index : behind;
}
