import { sipHash } from './sip-hash.ts';

const hash = new Uint32Array(2);

/**
 * The draw that belongs to `id`: uniform in [0, 1), 53 bits, the same for the same key and id. Keyed, so that nobody who
 * knows an id can tell its draw; and of the broker's own id, so that no caller can choose one.
 *
 * `key` is 4 words that only the broker knows.
 */
export function draw(key: Uint32Array, id: Uint8Array): number {
  if (key.length !== 4) throw new RangeError(`a key is 4 words, not ${key.length}`);
  sipHash(key, id, hash);
  return ((hash[1] ?? 0) * 0x200000 + ((hash[0] ?? 0) >>> 11)) / 0x20000000000000;
}
