import { Packr } from 'msgpackr';
import type { ArmResult, Decision, DecisionMode, LabelledOutput } from '../../domain/decision.ts';
import type { ErrorCode } from '../../domain/errors.ts';

/** The first element of every record; a record of another format is not read. */
const FORMAT = 1;
const MODES: readonly DecisionMode[] = ['policy', 'pinned', 'default'];
const packr = new Packr({ useRecords: false });

/** A decision as it is stored: one msgpack array, fields by position. The app's name is the store's to know. */
export function encodeDecision(decision: Decision): Uint8Array {
  const { id, revision, policy, viewVersion, contextHash, context, arms, pmf, action, propensity, mode, atEpochMs, sloMs, rows, asked, joint, parent } = decision;
  return packr.pack([
    FORMAT, id, revision, policy, viewVersion, contextHash ?? null, context ?? null, arms, pmf, action, propensity, MODES.indexOf(mode), atEpochMs, sloMs, rows,
    asked.map(({ arm, version, stamp, outputs, missed, decisionId, share }) => [arm, version, stamp ?? null, outputs, missed ?? null, ...(decisionId === undefined && share === undefined ? [] : [decisionId ?? null]), ...(share === undefined ? [] : [share])]),
    ...(joint === undefined && parent === undefined ? [] : [joint?.outputs ?? null, joint?.confidences ?? null]), ...(parent === undefined ? [] : [parent]),
  ]);
}

type Packed = [
  format: number, id: Uint8Array, revision: Uint8Array, policy: string, viewVersion: number, contextHash: Uint8Array | null, context: Readonly<Record<string, unknown>> | null,
  arms: string[], pmf: number[], action: number, propensity: number, mode: number, atEpochMs: number, sloMs: number, rows: number,
  asked: [arm: string, version: number, stamp: number | null, outputs: LabelledOutput[], missed: ErrorCode | null, decisionId?: string | null, share?: number][],
  /** These two of an ensemble only, the last of a decision that was taken for another. */
  jointOutputs?: LabelledOutput[] | null, jointConfidences?: number[] | null, parent?: Uint8Array,
];

/** Undefined where the record has another format. */
export function decodeDecision(app: string, record: Uint8Array): Decision | undefined {
  const packed = packr.unpack(record) as Packed;
  if (packed[0] !== FORMAT) return undefined;
  const [, id, revision, policy, viewVersion, contextHash, context, arms, pmf, action, propensity, mode, atEpochMs, sloMs, rows, asked, outputs, confidences, parent] = packed;
  return {
    id, app, revision, policy, viewVersion,
    ...(contextHash === null ? {} : { contextHash }), ...(context === null ? {} : { context }),
    arms, pmf, action, propensity, mode: MODES[mode] ?? 'policy', atEpochMs, sloMs, rows, asked: asked.map(readArm),
    ...(outputs === undefined || outputs === null || confidences === undefined || confidences === null ? {} : { joint: { outputs, confidences } }),
    ...(parent === undefined ? {} : { parent }),
  };
}

function readArm([arm, version, stamp, outputs, missed, decisionId, share]: Packed[15][number]): ArmResult {
  return { arm, version, ...(stamp === null ? {} : { stamp }), outputs, ...(missed === null ? {} : { missed }), ...(decisionId === undefined || decisionId === null ? {} : { decisionId }), ...(share === undefined ? {} : { share }) };
}
