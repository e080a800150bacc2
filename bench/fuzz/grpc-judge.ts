import { status } from '@grpc/grpc-js';
import { ERRORS } from '../../frontend/domain/errors.ts';
import type { GrpcScenario } from './grpc-scenario.ts';

/** What became of a call, as far as its caller saw. */
export interface GrpcOutcome {
  /** The status of HTTP; undefined where no headers came. */
  readonly http?: number;
  /** `grpc-status` and `grpc-message`; undefined where none came. */
  readonly code?: number;
  readonly text?: string;
  /** Messages, with their prefixes. */
  readonly body: Buffer;
  readonly hung?: boolean;
}

const OK: number = status.OK;
const FAULTS = new Set<number>([status.INTERNAL, status.UNKNOWN]);
const NAMES = new Set<number>([status.OK, status.CANCELLED, status.DEADLINE_EXCEEDED, status.UNIMPLEMENTED, status.RESOURCE_EXHAUSTED]);
for (const { grpc } of Object.values(ERRORS)) NAMES.add(status[grpc as keyof typeof status]);

/** What the gRPC library says of bytes that never reach us, as gRPC has it: of a deadline and of a coding that are none. */
const OF_THE_LIBRARY = /^(Invalid grpc-timeout value|Failed to decompress message)/;

/** What is wrong with an outcome, in words; undefined where nothing is. `control`: what the control question is answered, all but its receipt. */
export function judgeCall({ http, code, text = '', body, hung }: GrpcOutcome, played: GrpcScenario, control: (body: Buffer) => boolean): string | undefined {
  if (hung === true) return 'no end came';
  if (played.control) return code === OK && control(body) ? undefined : `the control call got ${code ?? 'no status'} ${text} and ${body.length} bytes`;
  if (played.ending !== 'end') return undefined;
  if (code === undefined) return http === undefined || http < 400 || http >= 500 ? `no status came; HTTP said ${http ?? 'nothing'}` : undefined;
  if (FAULTS.has(code)) return OF_THE_LIBRARY.test(text) ? undefined : `${status[code] ?? code}: ${text}`;
  return NAMES.has(code) ? undefined : `${code} is the status of nothing in the table: ${text}`;
}
