import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnreadBound } from '../../../../../frontend/http/exchange/unread-bound.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';

test('where all leave too much unread, those that leave most are cut off, and no more of them than need be', () => {
  const clock = new VirtualClock();
  const sockets = [10, 400, 600, 500].map((writableLength) => ({
    writableLength, destroyed: false,
    destroy() {
      this.destroyed = true;
      this.writableLength = 0;
      return this as never;
    },
  }));
  let cut = 0;
  const bound = new UnreadBound({ clock, sockets: () => sockets, mostBytes: 1000, onCut: () => cut++ });
  bound.start();
  clock.advance(999_999);
  assert.equal(cut, 0);
  clock.advance(1);
  assert.deepEqual(sockets.map(({ destroyed }) => destroyed), [false, false, true, false]);
  clock.advance(1_000_000);
  assert.equal(cut, 1, '910 bytes are not too many');
  for (const socket of sockets) socket.writableLength = 5000;
  clock.advance(1_000_000);
  assert.equal(cut, 5, 'each of them alone is too much');
  bound.stop();
  assert.equal(clock.pending, 0);
});
