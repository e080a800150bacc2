import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assets } from '../../../../../frontend/http/dashboard/assets.ts';

test('a module is what a browser can run, and warns nobody', () => {
  const warnings: unknown[] = [];
  const listen = (warning: unknown): void => void warnings.push(warning);
  process.on('warning', listen);
  const code = String(new Assets().get('format.ts')?.body);
  process.removeListener('warning', listen);
  assert.doesNotMatch(code, /: number \| null/);
  assert.match(code, /export function percent\(part\s*\)/);
  assert.equal(new Assets().get('format.ts')?.contentType, 'text/javascript; charset=utf-8');
  assert.deepEqual(warnings, []);
});

test('everything that the page names is there, and nothing from elsewhere', () => {
  const assets = new Assets();
  const page = String(assets.get('index.html')?.body);
  const named = [...page.matchAll(/(?:src|href)="\/dashboard\/([^"]+)"/gu)].map(([, file = '']) => file);
  assert.ok(named.includes('main.ts') && named.includes('uplot.js'));
  for (const file of named) assert.ok(assets.get(file), file);
  assert.doesNotMatch(page, /https?:|<script>|style="|onclick/);
});

test('imports of the modules lead to modules', () => {
  const assets = new Assets();
  const open = ['main.ts'];
  for (const file of open) {
    const code = String(assets.get(file)?.body ?? assert.fail(file));
    for (const [, to = ''] of code.matchAll(/from '\.\/([\w-]+\.ts)'/gu)) if (!open.includes(to)) open.push(to);
  }
  assert.ok(open.length > 15);
});

test('only names of files are taken, and an etag says which content it is', () => {
  const assets = new Assets();
  for (const name of ['../main.ts', 'tsconfig.json', '', '__proto__', 'constructor', 'no.ts']) assert.equal(assets.get(name), undefined, name);
  assert.notEqual(assets.get('format.ts')?.etag, assets.get('arms.ts')?.etag);
  assert.equal(assets.get('arms.ts')?.etag, new Assets().get('arms.ts')?.etag);
});
