import assert from 'node:assert/strict';
import { JsonPredictParser } from '../../frontend/http/predict-body/json-predict-parser.ts';
import { type ParseTarget, type ParseTargetOptions, parseTarget } from '../../frontend/http/predict-body/parse-target.ts';
import type { ParseResult, PredictBody } from '../../frontend/http/predict-body/predict-body.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import type { ReferenceBody } from './reference-predict-body.ts';

/** A checked pool: what was freed is overwritten. */
export const slabs = new SlabArena({ poison: true });
const parser = new JsonPredictParser();

export function targetFor(inputs: readonly TensorSpec[], limits: Partial<ParseTargetOptions> = {}): ParseTarget {
  return parseTarget({ inputs, slabs, sloMinMs: 1, sloMaxMs: 1000, ...limits });
}

/** Parses a JSON body in chunks cut at these positions; a refused one must hold no slab. */
export function parseJson(target: ParseTarget, body: Buffer | string, cuts: readonly number[] = []): ParseResult {
  const bytes = Buffer.from(body);
  const used = slabs.usedSlabs;
  parser.reset(target);
  let from = 0;
  for (const cut of [...new Set(cuts)].toSorted((a, b) => a - b)) {
    if (cut <= from || cut >= bytes.length) continue;
    parser.push(Buffer.from(bytes.subarray(from, cut)));
    from = cut;
  }
  parser.push(bytes.subarray(from));
  const result = parser.end();
  if (!result.ok) assert.equal(slabs.usedSlabs, used, 'a refused body held a slab');
  return result;
}

/** What was parsed in the reference's words; gives the slabs back. */
export function plainBody(body: PredictBody): ReferenceBody {
  const columns = body.columns.map((column) => Array.from({ length: body.rows }, (_, i) => {
    const at = column.spans?.offsets[i] ?? column.offset + i * column.strideBytes;
    const length = column.spans?.lengths[i] ?? column.rowBytes;
    const shape = column.spans?.shapes?.[i] ?? column.shape;
    return { shape: [...shape], hex: Buffer.from(column.slab.bytes.subarray(at, at + length)).toString('hex') };
  }));
  for (const column of body.columns) slabs.release(column.slab);
  const fields: Record<string, unknown> = {};
  if (body.sloMs !== undefined) fields['slo_ms'] = body.sloMs;
  if (body.context !== undefined) fields['context'] = body.context;
  if (body.pin?.version !== undefined) fields['version'] = body.pin.version;
  if (body.pin?.model !== undefined) fields['model'] = body.pin.model;
  if (body.explain) fields['explain'] = true;
  return { rows: body.rows, many: body.many, columns, fields };
}

/** The code and path of a refusal. */
export function refusal(result: ParseResult): string {
  if (result.ok) {
    for (const column of result.body.columns) slabs.release(column.slab);
    return 'accepted';
  }
  return result.failure.path === undefined ? result.failure.code : `${result.failure.code} ${result.failure.path}`;
}
