import { Packr } from 'msgpackr';
import type { ArmResult, Decision, DecisionMode, LabelledOutput } from '../../domain/decision.ts';
import type { ErrorCode } from '../../domain/errors.ts';

/** The first element of every record; a record of another format is not read. */
const FORMAT = 1;
const MODES: readonly DecisionMode[] = ['policy', 'pinned', 'default'];
const packr = new Packr({ useRecords: false });

/** A decision as it is stored: one msgpack array, fields by position. The app's name is the store's to know. */
export function encodeDecision(decision: Decision): Uint8Array {
  const { id, revision, policy, viewVersion, contextHash, context, arms, pmf, action, propensity, mode, atEpochMs, sloMs, rows, asked, joint, parent, defaults } = decision;
  return packr.pack([
    FORMAT, id, revision, policy, viewVersion, contextHash ?? null, context ?? null, arms, pmf, action, propensity, MODES.indexOf(mode), atEpochMs, sloMs, rows,
    asked.map(({ arm, version, stamp, outputs, missed, decisionId, share }) => [arm, version, stamp ?? null, outputs, missed ?? null, ...(decisionId === undefined && share === undefined ? [] : [decisionId ?? null]), ...(share === undefined ? [] : [share])]),
    ...tailOf([joint?.outputs, joint?.confidences, parent, defaults]),
  ]);
}

/** Fields that few records have: none of them where none is there, else up to the last one that is. */
function tailOf(fields: readonly unknown[]): unknown[] {
  return fields.slice(0, fields.findLastIndex((field) => field !== undefined) + 1).map((field) => field ?? null);
}

type Packed = [
  format: number, id: Uint8Array, revision: Uint8Array, policy: string, viewVersion: number, contextHash: Uint8Array | null, context: Readonly<Record<string, unknown>> | null,
  arms: string[], pmf: number[], action: number, propensity: number, mode: number, atEpochMs: number, sloMs: number, rows: number,
  asked: [arm: string, version: number, stamp: number | null, outputs: LabelledOutput[], missed: ErrorCode | null, decisionId?: string | null, share?: number][],
  /** These two of an ensemble only, the next of a decision that was taken for another, the last where only some rows were answered by an arm. */
  jointOutputs?: LabelledOutput[] | null, jointConfidences?: number[] | null, parent?: Uint8Array | null, defaults?: number[],
];

/** Undefined where the record has another format, or is not whole: who reads many of them goes on with the next. */
export function decodeDecision(app: string, record: Uint8Array): Decision | undefined {
  const packed = unpacked(record);
  if (packed?.[0] !== FORMAT) return undefined;
  const [, id, revision, policy, viewVersion, contextHash, context, arms, pmf, action, propensity, mode, atEpochMs, sloMs, rows, asked, outputs, confidences, parent, defaults] = packed;
  return {
    id, app, revision, policy, viewVersion,
    ...(contextHash === null ? {} : { contextHash }), ...(context === null ? {} : { context }),
    arms, pmf, action, propensity, mode: MODES[mode] ?? 'policy', atEpochMs, sloMs, rows, asked: asked.map(readArm),
    ...(outputs === undefined || outputs === null || confidences === undefined || confidences === null ? {} : { joint: { outputs, confidences } }),
    ...(parent === undefined || parent === null ? {} : { parent }), ...(defaults === undefined ? {} : { defaults }),
  };
}

function unpacked(record: Uint8Array): Packed | undefined {
  try {
    const value: unknown = packr.unpack(record);
    return Array.isArray(value) ? value as Packed : undefined;
  } catch {
    return undefined;
  }
}

function readArm([arm, version, stamp, outputs, missed, decisionId, share]: Packed[15][number]): ArmResult {
  return { arm, version, ...(stamp === null ? {} : { stamp }), outputs, ...(missed === null ? {} : { missed }), ...(decisionId === undefined || decisionId === null ? {} : { decisionId }), ...(share === undefined ? {} : { share }) };
}
