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

test('it looks while there are sockets, and sleeps while there are none', () => {
  const clock = new VirtualClock();
  const sockets = [{ writableLength: 0, destroy: () => undefined as never }];
  let looks = 0;
  const bound = new UnreadBound({ clock, sockets: () => (looks++, sockets), mostBytes: 1000, onCut: () => undefined });
  assert.equal(clock.pending, 0);
  bound.start();
  bound.start();
  clock.advance(3_000_000);
  assert.deepEqual([looks, clock.pending], [3, 1]);
  sockets.pop();
  clock.advance(1_000_000);
  assert.deepEqual([looks, clock.pending], [4, 0]);
  bound.start();
  assert.equal(clock.pending, 1);
  bound.stop();
  bound.start();
  assert.equal(clock.pending, 1, 'who stopped may begin again');
  bound.stop();
  assert.equal(clock.pending, 0);
});
