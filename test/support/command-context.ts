import type { CommandContext } from '../../frontend/cli/terminal/context.ts';

/** Where a command stands in a test: what it prints is kept, time passes only when it pauses. */
export function commandContext(workingFolder: string): CommandContext & { readonly printed: string[] } {
  const printed: string[] = [];
  let now = 0;
  return {
    printed, workingFolder, environment: {}, columns: undefined,
    print: (text) => void printed.push(text), paint: (_, text) => text,
    input: async () => '', now: () => now, isHeard: () => true,
    pause: async (ms) => {
      now += ms;
    },
  };
}
