import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the rewards of a decision are put together by the apps of the bench; each app is named for it. */
export const KINDS = ['first', 'sum', 'mean', 'max'] as const;
export type Kind = (typeof KINDS)[number];
export const ARMS = ['m', 'n'] as const;

/** Two small models, and an app for each kind; returns the file. */
export function writeConfig(folder: string): string {
  const file = join(folder, 'tradewind.yaml');
  const models = ARMS.map((name) => `  - { name: ${name}, version: 1, container: synthetic, output: { kind: value } }`);
  const apps = KINDS.map((kind) => `  - { name: ${kind}, arms: [${ARMS.join(', ')}], policy: thompson, slo_ms: 5000, feedback: { aggregation: ${kind} }, journal: { keep: false } }`);
  writeFileSync(file, ['models:', ...models, 'apps:', ...apps, ''].join('\n'));
  return file;
}
