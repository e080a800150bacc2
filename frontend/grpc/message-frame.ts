/** A byte that says whether the message is packed, and its length in four, the highest first (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const PREFIX_BYTES = 5;

/** What stands in front of a message of so many bytes that is not packed. */
export function framePrefix(bytes: number): Uint8Array {
  return Uint8Array.of(0, bytes >>> 24, bytes >>> 16, bytes >>> 8, bytes);
}

/** A message behind its prefix. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  frame.set(framePrefix(message.length));
  frame.set(message, PREFIX_BYTES);
  return frame;
}
