import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { takeReads } from '../../../../../frontend/http/lane/direct-reads.ts';
import { SEED, seeded } from '../../../../support/random.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function setUp() {
  const stream = new Readable({ read: () => {}, highWaterMark: 8 });
  const taken: string[] = [];
  const end = takeReads(stream, (chunk) => taken.push(chunk.toString()));
  return { stream, taken, end };
}

test('while the stream flows, what is pushed is taken at once', async () => {
  const { stream, taken } = setUp();
  await turn();
  assert.deepEqual([stream.push(Buffer.from('a')), stream.push(Buffer.from('b')), taken], [true, true, ['a', 'b']]);
  assert.equal(stream.readableLength, 0);
});

test('a stream that is paused keeps what is pushed, says when it is full, and gives it in order', async () => {
  const { stream, taken } = setUp();
  await turn();
  stream.pause();
  assert.deepEqual([stream.push(Buffer.from('abcd')), stream.push(Buffer.from('efgh')), taken.length], [true, false, 0]);
  stream.resume();
  stream.push(Buffer.from('ij'));
  await turn();
  stream.push(Buffer.from('k'));
  assert.equal(taken.join(''), 'abcdefghijk');
});

test('when it ends, the stream is as it was', async () => {
  const { stream, taken, end } = setUp();
  await turn();
  end();
  assert.equal(Object.hasOwn(stream, 'push'), false);
  let others = '';
  stream.on('data', (chunk: Buffer) => { others += chunk.toString(); });
  stream.push(Buffer.from('a'));
  await turn();
  assert.deepEqual([taken, others], [[], 'a']);
});

type Step = 'push' | 'pause' | 'resume' | 'turn' | 'back';

test(seeded('every byte comes once and in order, whatever is done to the stream, and then its end'), async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.constantFrom<Step>('push', 'push', 'pause', 'resume', 'turn', 'back'), { maxLength: 40 }), async (steps) => {
    const stream = new Readable({ read: () => {}, highWaterMark: 8 });
    let taken = '';
    let ended = false;
    let puts = false;
    // Puts half of a piece back, as the lane does with what is not its own.
    const end = takeReads(stream, (chunk) => {
      const text = chunk.toString();
      taken += puts ? text.slice(0, 1) : text;
      if (puts && text.length > 1) {
        stream.pause();
        stream.unshift(Buffer.from(text.slice(1)));
      }
      puts = false;
    });
    stream.on('end', () => { ended = true; });
    let pushed = '';
    for (const step of steps) {
      if (step === 'push') {
        const piece = `${pushed.length % 10}xy`;
        pushed += piece;
        stream.push(Buffer.from(piece));
      } else if (step === 'back') puts = true;
      else if (step === 'turn') await turn();
      else stream[step]();
    }
    puts = false;
    stream.resume();
    await turn();
    stream.push(null);
    await turn();
    assert.deepEqual([taken, ended], [pushed, true]);
    end();
  }), { seed: SEED, numRuns: 500 });
});
