import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { readTree, ROOT, sources } from './tree.ts';

/** Programs that write checked-in files; each takes `--check`, which says what differs and fails if anything does. */
const GENERATORS = ['test/tidy/write-docs.ts', 'deploy/grafana/tradewind-build.ts', 'frontend/http/predict-body/float32-scan-build.ts', ...sources(readTree()).filter((path) => /^protos\/(?:golden|gen)\//.test(path))];

for (const program of GENERATORS) {
  test(`what ${program} writes is fresh`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, program), '--check'], { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stdout + stderr);
  });
}

test('every folder of generated files has a generator', () => {
  const generated = [...readTree().keys()].filter((path) => !path.startsWith('test/') && /(^|\/)(gen|golden)\//.test(path)).map((path) => path.split('/').slice(0, 2).join('/'));
  assert.deepEqual([...new Set(generated)].filter((folder) => !GENERATORS.some((program) => program.startsWith(folder))), []);
});
