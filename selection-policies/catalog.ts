import type { Policy } from './policy.ts';
import { staticPolicy } from './static.ts';

/** The policies that an app can name. */
export const POLICIES: ReadonlyMap<string, Policy> = new Map<string, Policy>([[staticPolicy.name, staticPolicy]]);
