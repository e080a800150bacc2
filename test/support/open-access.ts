import type { AppAccess } from '../../frontend/domain/access.ts';

/** Everybody may ask everything. */
export const OPEN_ACCESS: AppAccess = Object.freeze<AppAccess>({ refusal: () => undefined });
