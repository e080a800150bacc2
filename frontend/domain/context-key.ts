import type { AppSpec } from './model.ts';

/** Policies that learn nothing, of nobody. */
const LEARN_NOTHING: ReadonlySet<string> = new Set(['static', 'weighted']);

/** Whether the app's policy has a state of its own for each context key. */
export function learnsByKey({ contextKey, policy, arms }: Pick<AppSpec, 'contextKey' | 'policy' | 'arms'>): boolean {
  return contextKey !== undefined && arms.length > 1 && !LEARN_NOTHING.has(policy);
}

/** The value of a context key as text: 7 and "7" are one user. Undefined where the caller said nothing. */
export function contextText(context: Readonly<Record<string, unknown>> | undefined, contextKey: string | undefined): string | undefined {
  const value = contextKey === undefined || context === undefined || !Object.hasOwn(context, contextKey) ? undefined : context[contextKey];
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether a receipt's hash of the context is that of one. */
export function isContext(context: Uint8Array): boolean {
  return context.some((byte) => byte !== 0);
}
