import type { Failure } from './answer.ts';

/** The rules of admin for doors of other protocols that change what is wanted: a token where there are any, else loopback only. */
export interface OperatorAccess {
  /**
   * Who shows this `Authorization` header or metadata (undefined: none) at the door, by the name that the audit log has for
   * it; or why it may not change anything there.
   */
  caller(authorization: string | undefined, door: 'http' | 'grpc'): string | Failure;
}
