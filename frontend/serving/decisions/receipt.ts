import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ReceiptKey } from '../../domain/state-store.ts';
import { KeyedBlake2s, TAG_BYTES } from './keyed-blake2s.ts';

/** What a receipt says of a decision: enough to join a reward to it without a look into the journal. */
export interface Receipt {
  /** 12 bytes, unique over all brokers and restarts: 6 random at start, 6 counted. */
  readonly id: Uint8Array;
  /** 8 bytes: `appFingerprint`. */
  readonly app: Uint8Array;
  /** Index into the plan's actions. */
  readonly action: number;
  readonly propensity: number;
  /** 8 bytes: keyed hash of the context, zeros where there is none. */
  readonly context: Uint8Array;
  readonly atEpochMs: number;
  /** What the journal will do with the decision, decided before the answer. */
  readonly journal: 'none' | 'kept' | 'dropped';
  readonly pinned: boolean;
  /** No arm's answer was given for any row: a reward is credited to nobody. Absent: false. */
  readonly defaulted?: boolean;
  /** Some rows were given the default, others not: which, the journal says. Absent: false. */
  readonly partly?: boolean;
  /** The query was for a model by its own name: there is no app to teach. Absent: false. */
  readonly ofModel?: boolean;
  readonly rows: number;
}

/** Why a text is not taken for a receipt. */
export type ReceiptRefusal = 'unknown_decision' | 'retired_key' | 'forged_decision';

/**
 * Decision ids: a signed receipt of 66 bytes, 88 characters in base64url. Fixed layout, integers little-endian:
 *
 *     0 format (1)   1 key number   2 id (12)   14 app (8)   22 action (u16)   24 propensity (f64)
 *     32 context (8)   40 epoch ms (u48)   46 flags (journal: bits 0–1, pinned: 2, defaulted: 3, ofModel: 4, partly: 5)   47 rows (u24)
 *     50 tag: keyed BLAKE2s (RFC 7693) of bytes 0 … 49, 16 bytes long
 */
const FORMAT = 2;
const SIGNED_BYTES = 50;
const RECEIPT_BYTES = SIGNED_BYTES + TAG_BYTES;
const CONTEXT_BYTES = 8;
const SHORT_BYTES = 240;
const JOURNAL = ['none', 'kept', 'dropped'] as const;
const MAX_ROWS = 0xffffff;

/** Eight bytes that change with the app's name and with anything in its definition. */
export function appFingerprint(name: string, definition: string): Uint8Array {
  return createHash('sha256').update(`${name}\0${definition}`).digest().subarray(0, 8);
}

export class Receipts {
  readonly #keys = new Map<number, KeyedBlake2s>();
  readonly #signing: { readonly number: number; readonly mac: KeyedBlake2s };
  readonly #scratch = Buffer.alloc(RECEIPT_BYTES);
  readonly #verified = Buffer.alloc(RECEIPT_BYTES);

  /** The last key signs, all verify. */
  constructor(keys: readonly ReceiptKey[]) {
    for (const { number, secret } of keys) this.#keys.set(number, new KeyedBlake2s(secret));
    const signing = keys.at(-1);
    if (signing === undefined) throw new RangeError('receipts need at least one key');
    this.#signing = { number: signing.number, mac: new KeyedBlake2s(signing.secret) };
  }

  sign(receipt: Receipt): string {
    const bytes = this.#scratch;
    bytes[0] = FORMAT;
    bytes[1] = this.#signing.number;
    bytes.set(receipt.id, 2);
    bytes.set(receipt.app, 14);
    bytes.writeUInt16LE(receipt.action, 22);
    bytes.writeDoubleLE(receipt.propensity, 24);
    bytes.set(receipt.context, 32);
    bytes.writeUIntLE(receipt.atEpochMs, 40, 6);
    bytes[46] = JOURNAL.indexOf(receipt.journal) | (receipt.pinned ? 4 : 0) | (receipt.defaulted === true ? 8 : 0) | (receipt.ofModel === true ? 16 : 0) | (receipt.partly === true ? 32 : 0);
    bytes.writeUIntLE(Math.min(receipt.rows, MAX_ROWS), 47, 3);
    this.#signing.mac.sealTo(bytes, SIGNED_BYTES);
    return bytes.toString('base64url');
  }

  /** The receipt that `text` is, or undefined where it is none of ours. */
  open(text: string): Receipt | undefined {
    const read = this.read(text);
    return typeof read === 'string' ? undefined : read;
  }

  /** The same, or why it is none. Which key it names is known before that it is genuine. */
  read(text: string): Receipt | ReceiptRefusal {
    if (text.length !== (RECEIPT_BYTES * 4) / 3) return 'unknown_decision';
    const bytes = Buffer.from(text, 'base64url');
    // One spelling for one receipt: characters that the decoder skips would make a second id for the same decision.
    if (bytes.length !== RECEIPT_BYTES || bytes[0] !== FORMAT || bytes.toString('base64url') !== text) return 'unknown_decision';
    const key = this.#keys.get(bytes[1] ?? -1);
    if (key === undefined) return 'retired_key';
    // Computed here, as signatures are: a native object for each would be half of what a piece of feedback costs.
    this.#verified.set(bytes);
    key.sealTo(this.#verified, SIGNED_BYTES);
    if (!timingSafeEqual(this.#verified.subarray(SIGNED_BYTES), bytes.subarray(SIGNED_BYTES))) return 'forged_decision';
    const flags = bytes[46] ?? 0;
    return {
      id: bytes.subarray(2, 14),
      app: bytes.subarray(14, 22),
      action: bytes.readUInt16LE(22),
      propensity: bytes.readDoubleLE(24),
      context: bytes.subarray(32, 40),
      atEpochMs: bytes.readUIntLE(40, 6),
      journal: JOURNAL[flags & 3] ?? 'none',
      pinned: (flags & 4) !== 0,
      ...((flags & 8) === 0 ? {} : { defaulted: true }),
      ...((flags & 16) === 0 ? {} : { ofModel: true }),
      ...((flags & 32) === 0 ? {} : { partly: true }),
      rows: bytes.readUIntLE(47, 3),
    };
  }
}

/** Ids of decisions: never the same twice, over restarts and brokers (2^48 random starts, 2^48 decisions each). */
export class DecisionIds {
  readonly #id = Buffer.alloc(12);
  #count = 0;

  constructor(start: Uint8Array) {
    if (start.length !== 6) throw new RangeError(`a start of ${start.length} bytes; expected 6`);
    this.#id.set(start, 0);
  }

  /** The number of the next decision of this process. */
  take(): number {
    return this.#count++;
  }

  /** The id of decision number `taken`, in a buffer that the next call overwrites. */
  bytes(taken: number): Uint8Array {
    this.#id.writeUIntLE(taken, 6, 6);
    return this.#id;
  }
}

/**
 * The keys that are derived from the receipt key's secret, so that brokers which share it draw and hash alike:
 * four words for the draw (`rng.ts`), and one for hashing contexts.
 */
export class DerivedKeys {
  readonly draw: Uint32Array;
  readonly #context: KeyedBlake2s;
  /** For texts as nearly all are. */
  readonly #scratch = Buffer.alloc(SHORT_BYTES + TAG_BYTES);

  /**
   * Contexts are hashed by `contextSecret`, of the oldest key that is held: what was learned of a context key is found by
   * its hash, and must be found after a new key signs.
   */
  constructor(secret: Uint8Array, contextSecret = secret) {
    const derive = (from: Uint8Array, use: string): Buffer => createHmac('sha256', from).update(`tradewind ${use}`).digest();
    const words = derive(secret, 'draw');
    this.draw = Uint32Array.of(words.readUInt32LE(0), words.readUInt32LE(4), words.readUInt32LE(8), words.readUInt32LE(12));
    this.#context = new KeyedBlake2s(derive(contextSecret, 'context'));
  }

  /** 8 bytes that tell contexts apart without telling what they are. */
  hashContext(text: string): Uint8Array {
    const length = Buffer.byteLength(text);
    const bytes = length > SHORT_BYTES ? Buffer.alloc(length + TAG_BYTES) : this.#scratch;
    bytes.write(text, 0);
    this.#context.sealTo(bytes, length);
    return Uint8Array.from(bytes.subarray(length, length + CONTEXT_BYTES));
  }
}
