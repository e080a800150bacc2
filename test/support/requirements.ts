import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Parts that some tests need and a machine may lack, and the programs that prove each: any one of them will do. */
const PARTS = {
  chromium: ['chromium', 'chromium-browser'],
  frameworks: ['onnxruntime_test'],
  go: ['go'],
  kserve: ['kserve-python'],
  mlserver: ['mlserver'],
  openssl: ['openssl'],
  'perf-analyzer': ['perf_analyzer'],
  promtool: ['promtool'],
  python3: ['python3'],
  script: ['script'],
  setpriv: ['setpriv'],
  'redis-server': ['redis-server'],
  strace: ['strace'],
  tensorflow: ['saved_model_cli'],
  'tfs-client': ['tfs-client-python'],
  torch: ['torchrun'],
  triton: ['tritonserver'],
  tritonclient: ['tritonclient-python'],
  valgrind: ['valgrind'],
} as const satisfies Record<string, readonly string[]>;

/** Where parts that Python's registry brings are installed, each in a folder of its own name: bench/foreign/install.sh. */
const VENVS = fileURLToPath(new URL('../../.venv', import.meta.url));

export type Part = keyof typeof PARTS;
export const PART_NAMES: readonly string[] = Object.keys(PARTS);

/** Where the part's program is; undefined where the machine lacks it. */
export function findPart(part: Part, path = process.env['PATH'] ?? ''): string | undefined {
  for (const program of PARTS[part]) {
    for (const folder of [...path.split(delimiter), join(VENVS, part, 'bin')]) if (folder !== '' && isExecutable(join(folder, program))) return join(folder, program);
  }
  return undefined;
}

/**
 * For `{ skip: requirePart('chromium') }`: false where the part is here, else the reason for the skip. Where
 * TRADEWIND_REQUIRE (names, separated by commas) names the part, its absence is an error instead: a machine that is
 * meant to run everything must not skip in silence.
 */
export function requirePart(part: Part, environment: Readonly<Record<string, string | undefined>> = process.env): string | false {
  if (findPart(part, environment['PATH']) !== undefined) return false;
  const reason = `${part} is not on this machine`;
  if (requiredParts(environment).includes(part)) throw new Error(`${reason}, but TRADEWIND_REQUIRE names it`);
  return reason;
}

/** What TRADEWIND_REQUIRE names; a word that is no part is refused, for it would require nothing. */
export function requiredParts(environment: Readonly<Record<string, string | undefined>> = process.env): readonly string[] {
  const words = (environment['TRADEWIND_REQUIRE'] ?? '').split(',').map((word) => word.trim()).filter((word) => word !== '');
  const unknown = words.filter((word) => !PART_NAMES.includes(word));
  if (unknown.length > 0) throw new Error(`TRADEWIND_REQUIRE names ${unknown.join(', ')}; known are ${PART_NAMES.join(', ')}`);
  return words;
}

export function isPart(word: string): word is Part {
  return Object.hasOwn(PARTS, word);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
