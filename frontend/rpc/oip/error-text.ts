/** A sentence is wanted of it; all of what a server may send might take seconds to parse, and nobody else is served meanwhile. */
const MAX_ERROR_BYTES = 64 * 1024;

/** What the body of an answer that is an error says: `{"error": "…"}`, as the protocol has it, or whatever came, up to 64 KiB. */
export function errorText(whole: Buffer): string {
  const body = whole.subarray(0, MAX_ERROR_BYTES);
  try {
    const { error } = JSON.parse(body.toString()) as { error?: unknown };
    return typeof error === 'string' ? error : body.toString();
  } catch {
    return body.toString();
  }
}
