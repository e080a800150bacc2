import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { KeyedBlake2s, TAG_BYTES } from '../../../../../frontend/serving/decisions/keyed-blake2s.ts';
import { test } from 'node:test';
import fc from 'fast-check';
import { appFingerprint, DecisionIds, DerivedKeys, Receipts, type Receipt } from '../../../../../frontend/serving/decisions/receipt.ts';

const KEYS = [{ number: 1, secret: Buffer.alloc(32, 7) }];

function receipt(more: Partial<Receipt> = {}): Receipt {
  return {
    id: Buffer.alloc(12, 3), app: appFingerprint('digits', '{}'), action: 2, propensity: 0.25, context: Buffer.alloc(8, 9),
    atEpochMs: 1_790_000_000_123, journal: 'kept', pinned: true, rows: 3, ...more,
  };
}

function plain(opened: Receipt | undefined): unknown {
  return opened && { ...opened, id: [...opened.id], app: [...opened.app], context: [...opened.context] };
}

test('what was signed is what is read, within 128 characters', () => {
  const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
  fc.assert(fc.property(
    fc.record({
      id: bytes(12), app: bytes(8), context: bytes(8), action: fc.integer({ min: 0, max: 65535 }),
      propensity: fc.double({ min: 0, max: 1, noNaN: true }), atEpochMs: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
      journal: fc.constantFrom('none' as const, 'kept' as const, 'dropped' as const), pinned: fc.boolean(), rows: fc.integer({ min: 1, max: 0xffffff }),
    }),
    (made) => {
      const receipts = new Receipts(KEYS);
      const text = receipts.sign(made);
      assert.ok(text.length <= 128);
      assert.deepEqual(plain(receipts.open(text)), plain(made));
    },
  ));
});

test('what is seldom so is said of a receipt only where it is', () => {
  const receipts = new Receipts(KEYS);
  for (const more of [{ defaulted: true }, { partly: true }, { ofModel: true }, { defaulted: true, partly: true, ofModel: true }]) {
    assert.deepEqual(plain(receipts.open(receipts.sign(receipt(more)))), plain(receipt(more)));
  }
});

test('any changed character makes it none of ours', () => {
  const receipts = new Receipts(KEYS);
  const text = receipts.sign(receipt());
  for (let i = 0; i < text.length; i++) {
    const other = text[i] === 'A' ? 'B' : 'A';
    assert.equal(receipts.open(text.slice(0, i) + other + text.slice(i + 1)), undefined, `character ${i}`);
  }
  for (const bad of ['', text.slice(1), `${text}A`, ` ${text.slice(1)}`, '='.repeat(88), `${text.slice(0, 87)}=`]) assert.equal(receipts.open(bad), undefined);
});

test('the newest key signs, older ones still verify, unknown ones do not', () => {
  const old = new Receipts(KEYS);
  const rotated = new Receipts([...KEYS, { number: 2, secret: Buffer.alloc(32, 8) }]);
  assert.notEqual(rotated.open(old.sign(receipt())), undefined);
  assert.equal(old.open(rotated.sign(receipt())), undefined);
  assert.throws(() => new Receipts([]), RangeError);
});

test('decision ids follow one another, and do not repeat after a restart', () => {
  const ids = new DecisionIds(Buffer.from([1, 2, 3, 4, 5, 6]));
  const first = Buffer.from(ids.bytes(ids.take())).toString('hex');
  const second = Buffer.from(ids.bytes(ids.take())).toString('hex');
  assert.equal(first, '010203040506000000000000');
  assert.equal(second, '010203040506010000000000');
  assert.throws(() => new DecisionIds(Buffer.alloc(5)), RangeError);
});

test('derived keys depend on the secret alone, and hash contexts to eight bytes', () => {
  const a = new DerivedKeys(Buffer.alloc(32, 1));
  const b = new DerivedKeys(Buffer.alloc(32, 1));
  const c = new DerivedKeys(Buffer.alloc(32, 2));
  assert.deepEqual(a.draw, b.draw);
  assert.notDeepEqual(a.draw, c.draw);
  assert.equal(a.hashContext('"ann"').length, 8);
  assert.deepEqual(a.hashContext('"ann"'), b.hashContext('"ann"'));
  assert.notDeepEqual(a.hashContext('"ann"'), a.hashContext('"bob"'));
});

test('a context is hashed by keyed BLAKE2s, whatever its length', () => {
  const secret = Buffer.alloc(32, 5);
  const keys = new DerivedKeys(secret);
  const mac = new KeyedBlake2s(createHmac('sha256', secret).update('tradewind context').digest());
  for (const text of ['', 'ann', 'é'.repeat(27), 'x'.repeat(240), 'x'.repeat(241), 'y'.repeat(5000), 'ann']) {
    const bytes = Buffer.from(`${text}${' '.repeat(TAG_BYTES)}`);
    mac.sealTo(bytes, bytes.length - TAG_BYTES);
    assert.deepEqual(Buffer.from(keys.hashContext(text)), bytes.subarray(-TAG_BYTES).subarray(0, 8), text.slice(0, 20));
  }
  const [first, second] = [keys.hashContext('ann'), keys.hashContext('bob')];
  assert.notDeepEqual(first, second, 'each is memory of its own');
});
