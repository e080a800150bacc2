/**
 * Builds float32-scan.c into float32-wasm.ts. Needs clang 14 or newer with its wasm32 target, and lld:
 *
 *     node frontend/http/predict-body/float32-scan-build.ts            builds
 *     node frontend/http/predict-body/float32-scan-build.ts --check    says whether the C is what was built; needs nothing
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FLOAT32_SCAN_SOURCE_SHA256 } from './float32-wasm.ts';

const SOURCE = fileURLToPath(new URL('float32-scan.c', import.meta.url));
const TARGET = fileURLToPath(new URL('float32-wasm.ts', import.meta.url));
const FLAGS = [
  '--target=wasm32', '-msimd128', '-O3', '-nostdlib', '-ffreestanding', '-Wall', '-Werror',
  '-Wl,--no-entry', '-Wl,--import-memory', '-Wl,--strip-all', '-Wl,-z,stack-size=4096',
];

const sha256 = createHash('sha256').update(readFileSync(SOURCE)).digest('hex');
if (process.argv.includes('--check')) {
  if (sha256 !== FLOAT32_SCAN_SOURCE_SHA256) {
    process.stderr.write('float32-wasm.ts was built from another float32-scan.c: run float32-scan-build.ts\n');
    process.exitCode = 1;
  }
} else {
  build();
}

function build(): void {
  const folder = mkdtempSync(join(tmpdir(), 'float32-scan-'));
  try {
    const object = join(folder, 'scan.wasm');
    execFileSync('clang', [...FLAGS, '-o', object, SOURCE], { stdio: 'inherit' });
    const lines = readFileSync(object).toString('base64').match(/.{1,120}/g) ?? [];
    writeFileSync(TARGET, `// Written by float32-scan-build.ts from float32-scan.c: do not edit.

export const FLOAT32_SCAN_SOURCE_SHA256 = '${sha256}';

/** The module, base64. */
export const FLOAT32_SCAN_WASM = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
