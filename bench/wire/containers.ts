import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModelSpec } from '../../frontend/domain/model.ts';
import { FEATURES, INPUT } from './measure.ts';

export const LANGUAGES = ['typescript', 'python', 'go'] as const;
export type Language = (typeof LANGUAGES)[number];

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The container of a language that does the least: nothing, but in Go, where it sums each row. */
export function leastContainer(language: Language, { folder, python }: { readonly folder: string; readonly python: string }): Pick<ModelSpec, 'container' | 'path' | 'input'> {
  const input = [{ name: INPUT, dtype: 'float32', shape: [FEATURES] }] as const;
  switch (language) {
    case 'typescript': return { input, container: { kind: 'command', command: ['node', here('./no-op.ts')], cwd: folder } };
    case 'python': return { input, container: { kind: 'python', interpreter: python, cwd: folder }, path: here('./no_op.py') };
    case 'go': return { input, container: { kind: 'command', command: [buildGo(folder)], cwd: folder } };
  }
}

function buildGo(folder: string): string {
  const program = join(folder, 'go-container');
  execFileSync('go', ['build', '-o', program, '.'], { cwd: here('../../model-containers/go'), stdio: ['ignore', 2, 2] });
  return program;
}
