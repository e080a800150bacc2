import type { AnswerRow, Failure } from '../domain/answer.ts';

/** Bytes of the tensors in an answer: of those whose names are `wanted` (none named: all). */
export function tensorBytes(rows: readonly AnswerRow[], wanted: readonly string[] = []): number {
  let bytes = 0;
  for (const { output } of rows) {
    if (output.kind !== 'tensors') continue;
    for (const { name, lengthBytes } of output.tensors) if (wanted.length === 0 || wanted.includes(name)) bytes += lengthBytes;
  }
  return bytes;
}

/**
 * Why an answer with so many bytes of tensors is not written as JSON; undefined where it is. Its text is made in one go, several
 * times as long, while every other query waits, and is what the process could run out of memory on. `instead`: what may be asked
 * for in its place.
 */
export function jsonRefusal(bytes: number, most: number, instead: string): Failure | undefined {
  if (bytes <= most) return undefined;
  return { code: 'answer_too_large', message: `The outputs have ${bytes} bytes; JSON may hold ${most}. ${instead}` };
}
