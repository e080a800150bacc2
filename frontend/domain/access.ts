import type { Failure } from './answer.ts';
import type { AppSpec } from './model.ts';

/**
 * Who may ask an app, and tell it what its answers were worth: the one question that every door puts before it reads on.
 * Free for an app without `access`.
 */
export interface AppAccess {
  /**
   * Why whoever shows this `Authorization` header (undefined: none) may not ask the app now: `unauthenticated`, `forbidden`
   * or `rate_limited`; undefined where it may, and then that is counted against the rate of its token.
   */
  refusal(app: Pick<AppSpec, 'name' | 'access'>, authorization: string | undefined): Failure | undefined;
}
