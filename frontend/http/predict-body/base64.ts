/**
 * Bytes that standard, padded base64 (RFC 4648 §4; the URL alphabet is read too) stands for; -1 where its length or
 * padding cannot be. Whether the characters are of the alphabet shows in decoding.
 */
export function base64Bytes(text: string): number {
  if (text.length % 4 !== 0) return -1;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return (text.length / 4) * 3 - padding;
}

/**
 * Decodes into `target` at `offset`, where `base64Bytes(text)` bytes are free; false where a character is not of the
 * alphabet. Node skips such a character, so that fewer bytes come out than the length promised: with one of 4k − p
 * characters gone, ⌊(4k − p − 1) · 6 / 8⌋ < 3k − p for each padding p of 0, 1, 2.
 */
export function decodeBase64(text: string, target: Uint8Array, offset: number): boolean {
  const expected = base64Bytes(text);
  const buffer = Buffer.from(target.buffer, target.byteOffset, target.length);
  return buffer.write(text, offset, expected, 'base64') === expected;
}
