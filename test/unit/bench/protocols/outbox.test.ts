import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { Outbox } from '../../../../bench/protocols/outbox.ts';

/** A socket that keeps what it is given, as it is given it, and whose kernel takes all of it or nothing. */
function socket(takes: boolean): { readonly socket: Socket; readonly writes: Uint8Array[]; text(): string } {
  const writes: Uint8Array[] = [];
  const fake = { writableLength: 0, write: (bytes: Uint8Array) => {
    writes.push(takes ? Uint8Array.from(bytes) : bytes);
    if (!takes) fake.writableLength += bytes.length;
  } };
  return { socket: fake as unknown as Socket, writes, text: () => Buffer.concat(writes).toString() };
}

for (const takes of [true, false]) {
  test(`what is put leaves in order and in one write a flush, where the kernel takes it ${takes ? 'at once' : 'late'}`, () => {
    const to = socket(takes);
    const out = new Outbox(to.socket);
    out.put(Buffer.from('ab'));
    out.room(1).set(Buffer.from('c'));
    assert.equal(to.writes.length, 0);
    out.flush();
    out.flush();
    out.put(Buffer.from('de'));
    out.flush();
    assert.equal(to.text(), 'abcde');
    assert.equal(to.writes.length, 2);
  });

  test(`more than the memory holds leaves in several writes, unharmed, where the kernel takes it ${takes ? 'at once' : 'late'}`, () => {
    const to = socket(takes);
    const out = new Outbox(to.socket);
    for (let at = 0; at < 30; at++) out.put(Buffer.alloc(60_000, 65 + at));
    out.flush();
    assert.equal(to.text(), Array.from({ length: 30 }, (_, at) => String.fromCharCode(65 + at).repeat(60_000)).join(''));
    assert.equal(to.writes.length, 8);
  });
}

test('more at once than the memory holds is refused', () => {
  assert.throws(() => new Outbox(socket(true).socket).room(256 * 1024 + 1), RangeError);
});
