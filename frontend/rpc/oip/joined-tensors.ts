import { padTo8 } from '../../../protos/wire.ts';
import type { Answered, AnsweredTensor } from './server.ts';

/** A tensor whose elements lie anywhere. */
export type LooseTensor = Omit<AnsweredTensor, 'offset' | 'bytes'> & { readonly data: Uint8Array };

/** Puts tensors that came in pieces into one payload, each at a multiple of 8. */
export function joinTensors(loose: readonly LooseTensor[]): Answered {
  let end = 0;
  const tensors = loose.map(({ name, datatype, shape, data }): AnsweredTensor => {
    const offset = padTo8(end);
    end = offset + data.length;
    return { name, datatype, shape, offset, bytes: data.length };
  });
  const payload = Buffer.alloc(end);
  tensors.forEach(({ offset }, i) => payload.set(loose[i]?.data ?? [], offset));
  return { payload, tensors };
}
