import type { LiveState } from './live-state.ts';

/** How far back the charts go. */
export const SPANS = ['5m', '1h', '1d'] as const;
export type Span = (typeof SPANS)[number];
export const SPAN_WORDS: Readonly<Record<Span, string>> = { '5m': '5 min', '1h': '1 hour', '1d': '1 day' };

/** One page of the dashboard. */
export interface View {
  /** Of the window, and of the heading that gets the focus. */
  readonly title: string;
  readonly element: HTMLElement;
  /** Once a second. */
  update(state: LiveState): void;
  /** Draws what is asked for apart: histories, details. Calls itself no more after `signal`. */
  start(signal: AbortSignal): void;
}

/** Calls at once and then every `everyMs`, one call after another, until `signal`; what one call throws is told, and passes. */
export function poll(everyMs: number, signal: AbortSignal, look: () => Promise<void>, failed: (thrown: unknown) => void): void {
  const next = async (): Promise<void> => {
    try {
      if (!document.hidden) await look();
    } catch (thrown) {
      failed(thrown);
    }
    if (!signal.aborted) setTimeout(() => void next(), everyMs);
  };
  void next();
}

/** How often a history is asked for: no more often than it can be another one. */
export const HISTORY_MS: Readonly<Record<Span, number>> = { '5m': 2_000, '1h': 10_000, '1d': 60_000 };
