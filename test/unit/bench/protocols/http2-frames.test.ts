import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FLAG, FRAME, frameOf, FrameReader, readSettings, SETTING, settingsFrame, windowUpdateFrame } from '../../../../bench/protocols/http2-frames.ts';
import { SEED, seeded } from '../../../support/random.ts';

function read(chunks: readonly Buffer[]): string[] {
  const got: string[] = [];
  const reader = new FrameReader(({ type, flags, stream }, payload) => got.push(`${type} ${flags} ${stream} ${payload.toString('latin1')}`));
  for (const chunk of chunks) {
    const lent = Buffer.from(chunk);
    reader.push(lent);
    lent.fill(0);
  }
  return got;
}

test('frames are the bytes that RFC 9113 draws', () => {
  assert.equal(settingsFrame([[SETTING.headerTableSize, 0], [SETTING.initialWindowSize, 0x7fffffff]]).toString('hex'), ['00000c040000000000', '000100000000', '00047fffffff'].join(''));
  assert.equal(settingsFrame([]).toString('hex'), '000000040000000000');
  assert.equal(windowUpdateFrame(3, 4096).toString('hex'), '00000408000000000300001000');
  assert.equal(frameOf({ type: FRAME.data, flags: FLAG.endStream, stream: 258, payload: Buffer.from('ab') }).toString('hex'), '0000020001000001026162');
});

test('settings read as they were written, the last of each', () => {
  const payload = settingsFrame([[SETTING.maxFrameSize, 16_384], [SETTING.maxConcurrentStreams, 1], [SETTING.maxConcurrentStreams, 9]]).subarray(9);
  assert.deepEqual([...readSettings(payload)], [[5, 16_384], [3, 9]]);
});

test(seeded('frames are the same however their bytes are cut, in memory that is used anew'), () => {
  const frame = fc.record({ type: fc.nat(255), flags: fc.nat(255), stream: fc.nat(2 ** 31 - 1), body: fc.string({ unit: 'binary-ascii', maxLength: 40 }) });
  fc.assert(fc.property(fc.array(frame, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(1000), { maxLength: 10 }), (frames, cuts) => {
    const bytes = Buffer.concat(frames.map(({ body, ...head }) => frameOf({ ...head, payload: Buffer.from(body, 'latin1') })));
    const edges = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
    assert.deepEqual(read(edges.slice(1).map((end, at) => bytes.subarray(edges[at], end))), frames.map(({ type, flags, stream, body }) => `${type} ${flags} ${stream} ${body}`));
  }), { seed: SEED, numRuns: 200 });
});

test('the highest bit of a stream is reserved and not read; a frame longer than agreed is refused', () => {
  assert.deepEqual(read([Buffer.from('000001000080000001ff', 'hex')]), ['0 0 1 ÿ']);
  assert.throws(() => read([Buffer.from('004001000000000001', 'hex')]), /a frame of 16385 bytes/);
});
