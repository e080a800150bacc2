/**
 * HalfSipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012, in its 32-bit form) over
 * messages of whole 32-bit words: what the Linux kernel keys its hash tables with on 32-bit machines. Whoever does not
 * know the key cannot make two messages meet; a plain multiply-and-mix can be made to, whatever its seed.
 *
 * `begin`, then `absorb` as often as wanted, then `finish` or `finishWide` once. One message at a time.
 */
export class HalfSipHash {
  readonly #k0: number;
  readonly #k1: number;
  #v0 = 0;
  #v1 = 0;
  #v2 = 0;
  #v3 = 0;
  #words = 0;

  /** Two secret words. */
  constructor(key: readonly [number, number]) {
    this.#k0 = key[0] | 0;
    this.#k1 = key[1] | 0;
  }

  begin(): void {
    this.#v0 = this.#k0;
    this.#v1 = this.#k1;
    this.#v2 = this.#k0 ^ 0x6c796765;
    this.#v3 = this.#k1 ^ 0x74656462;
    this.#words = 0;
  }

  /** `count` words of `words` from `start` on; the reader sees to it that they are there. */
  absorb(words: Int32Array, start: number, count: number): void {
    let v0 = this.#v0;
    let v1 = this.#v1;
    let v2 = this.#v2;
    let v3 = this.#v3;
    const end = start + count;
    for (let i = start; i < end; i++) {
      const word = words[i] as number;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.#v0 = v0;
    this.#v1 = v1;
    this.#v2 = v2;
    this.#v3 = v3;
    this.#words += count;
  }

  /** 32 bits, as a signed integer: the hash as published. */
  finish(): number {
    this.#close(0xff);
    return this.#v1 ^ this.#v3;
  }

  /** 53 bits, as a non-negative integer: closed as the long form is, of which 64 are published; that one begins otherwise, too. */
  finishWide(): number {
    this.#close(0xee);
    const high = (this.#v1 ^ this.#v3) >>> 0;
    this.#v1 ^= 0xdd;
    this.#absorbZeros();
    return high * 2 ** 21 + ((this.#v1 ^ this.#v3) >>> 11);
  }

  #close(mark: number): void {
    LAST[0] = this.#words << 26;
    this.absorb(LAST, 0, 1);
    this.#v2 ^= mark;
    this.#absorbZeros();
  }

  /** A round that takes in a zero is a round of the finalisation. */
  #absorbZeros(): void {
    this.absorb(ZEROS, 0, ZEROS.length);
  }
}

const LAST = new Int32Array(1);
const ZEROS = new Int32Array(3);
