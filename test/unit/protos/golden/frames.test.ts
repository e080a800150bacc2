import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DTYPES } from '../../../../protos/dtype.ts';
import { GOLDEN_FAULTS, GOLDEN_FRAMES, goldenBytes } from '../../../../protos/golden/frames.ts';
import { parseBatch, parseCancel, parseCredit, parseDone, parseGoodbye, parseHello, parseRows, parseWelcome } from '../../../../protos/parse-headers.ts';
import type { BatchHeader, RowsHeader } from '../../../../protos/wire.ts';
import { FRAME, FrameReader, padTo8, WireError } from '../../../../protos/wire.ts';

function file(name: string): Buffer {
  return readFileSync(new URL(`../../../../protos/golden/${name}`, import.meta.url));
}

/** What our reader makes of a header; null for kinds that have none. */
function parse(kind: number, header: unknown, payload: number): unknown {
  switch (kind) {
    case FRAME.hello: return parseHello(header);
    case FRAME.welcome: return parseWelcome(header);
    case FRAME.credit: return parseCredit(header);
    case FRAME.batch: return parseBatch(header, payload, 8192);
    case FRAME.rows: return parseRows(header, payload, 8);
    case FRAME.done: return parseDone(header);
    case FRAME.cancel: return parseCancel(header, 8);
    case FRAME.goodbye: return parseGoodbye(header);
    default: return null;
  }
}

test('our writer writes every golden frame', () => {
  for (const frame of GOLDEN_FRAMES) assert.deepEqual(file(`${frame.name}.bin`), goldenBytes(frame), frame.name);
});

test('our reader reads every golden frame as it is described', () => {
  for (const frame of GOLDEN_FRAMES) {
    const described = JSON.parse(file(`${frame.name}.json`).toString()) as { kind: number; batch: number; header: object; tensors_hex: string[] };
    const reader = new FrameReader(({ kind, batch, header, payload }) => {
      assert.equal(kind, described.kind, frame.name);
      assert.equal(batch, described.batch, frame.name);
      assert.deepEqual(header, described.header, frame.name);
      const parsed = parse(kind, header, payload.length);
      if (parsed !== null && frame.name !== 'unknown-key') assert.deepEqual(parsed, described.header, frame.name);
      let end = 0;
      for (const hex of described.tensors_hex) {
        const start = padTo8(end);
        end = start + hex.length / 2;
        assert.equal(Buffer.from(payload.subarray(start, end)).toString('hex'), hex, frame.name);
      }
      assert.equal(end, payload.length, frame.name);
    });
    reader.push(file(`${frame.name}.bin`));
    assert.equal(reader.heldBytes, 0, frame.name);
  }
  assert.deepEqual(parseCredit(GOLDEN_FRAMES.find(({ name }) => name === 'unknown-key')?.header), { n: 2 });
});

test('every fault is refused', () => {
  for (const fault of GOLDEN_FAULTS) {
    assert.throws(() => new FrameReader(() => {}).push(file(`fault-${fault.name}.bin`)), (error: Error) => error instanceof WireError && error.message.includes(fault.error), fault.name);
  }
});

test('every kind and every dtype occurs', () => {
  const kinds = new Set(GOLDEN_FRAMES.map(({ kind }) => kind));
  for (const kind of Object.values(FRAME)) assert.ok(kinds.has(kind), `kind ${kind}`);
  const parts = GOLDEN_FRAMES.flatMap(({ header }) => [...((header as BatchHeader | undefined)?.inputs ?? []), ...((header as RowsHeader | undefined)?.outputs ?? [])]);
  const dtypes = new Set(parts.map(({ dtype }) => dtype));
  for (const dtype of DTYPES) assert.ok(dtypes.has(dtype), dtype);
});
