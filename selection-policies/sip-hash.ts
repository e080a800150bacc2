/**
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012), on 32-bit integers: JavaScript has no
 * 64-bit ones that are not slow.
 *
 * `key` is 4 words, the 16 key bytes read little-endian. `out` receives the low and the high half of the hash.
 */
export function sipHash(key: Uint32Array, data: Uint8Array, out: Uint32Array): void {
  const k0l = key[0] ?? 0, k0h = key[1] ?? 0, k1l = key[2] ?? 0, k1h = key[3] ?? 0;
  let v0l = k0l ^ 0x70736575, v0h = k0h ^ 0x736f6d65;
  let v1l = k1l ^ 0x6e646f6d, v1h = k1h ^ 0x646f7261;
  let v2l = k0l ^ 0x6e657261, v2h = k0h ^ 0x6c796765;
  let v3l = k1l ^ 0x79746573, v3h = k1h ^ 0x74656462;
  const blocks = (data.length >>> 3) + 1;
  // One step for each block of 8 bytes (the last is padded and carries the length), and one to finish.
  for (let step = 0; step <= blocks; step++) {
    const finish = step === blocks;
    let ml = 0, mh = 0;
    if (finish) {
      v2l ^= 0xff;
    } else {
      const at = step << 3;
      ml = word(data, at);
      mh = word(data, at + 4);
      if (step === blocks - 1) mh |= data.length << 24;
      v3l ^= ml;
      v3h ^= mh;
    }
    for (let rounds = finish ? 4 : 2; rounds > 0; rounds--) {
      let sum = (v0l >>> 0) + (v1l >>> 0);
      v0h = (v0h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      let high = (v1h << 13) | (v1l >>> 19);
      v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
      v1h = high ^ v0h;
      high = v0l;
      v0l = v0h;
      v0h = high;

      sum = (v2l >>> 0) + (v3l >>> 0);
      v2h = (v2h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      high = (v3h << 16) | (v3l >>> 16);
      v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = high ^ v2h;

      sum = (v0l >>> 0) + (v3l >>> 0);
      v0h = (v0h + v3h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v0l = sum | 0;
      high = (v3h << 21) | (v3l >>> 11);
      v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = high ^ v0h;

      sum = (v2l >>> 0) + (v1l >>> 0);
      v2h = (v2h + v1h + (sum > 0xffffffff ? 1 : 0)) | 0;
      v2l = sum | 0;
      high = (v1h << 17) | (v1l >>> 15);
      v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
      v1h = high ^ v2h;
      high = v2l;
      v2l = v2h;
      v2h = high;
    }
    v0l ^= ml;
    v0h ^= mh;
  }
  out[0] = v0l ^ v1l ^ v2l ^ v3l;
  out[1] = v0h ^ v1h ^ v2h ^ v3h;
}

/** The four bytes from `at` on, little-endian; what lies past the end is 0. */
function word(data: Uint8Array, at: number): number {
  return (data[at] ?? 0) | ((data[at + 1] ?? 0) << 8) | ((data[at + 2] ?? 0) << 16) | ((data[at + 3] ?? 0) << 24);
}
