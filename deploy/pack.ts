/**
 * Makes the package as it is published, in `dist/`: JavaScript and declarations (Node strips no types under node_modules),
 * a package.json whose paths point at them, README and license. Then packs it.
 *
 *     npm run build                      dist/ only
 *     npm run -s pack [-- --out FOLDER]  dist/, then tradewind-VERSION.tgz in FOLDER (default: dist/); prints its path
 *     --dist FOLDER                      another folder than dist/; it is emptied first
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, globSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PLAIN_FILES = ['README.md', 'DECISIONS.md', 'LICENSE', 'model-containers/README.md', ...['package.json', 'package-lock.json', 'prepare.sh'].map((file) => `model-containers/tensorflow/${file}`)];
/** The Python package, which `container: python` finds beside the broker. */
const PYTHON = 'model-containers/python';
/** The dashboard's page. */
const PAGE = 'frontend/dashboard';
/** Fields of package.json that mean something only in a checkout. */
const CHECKOUT_ONLY = new Set(['scripts', 'devDependencies', 'overrides']);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

function build(dist: string): void {
  rmSync(dist, { recursive: true, force: true });
  compile(['--project', 'tsconfig.build.json', '--outDir', dist]);
  // The page's own program: what runs in a browser is compiled against the DOM, and what runs here is not.
  compile(['--project', PAGE, '--noEmit', 'false', '--rootDir', PAGE, '--outDir', join(dist, PAGE)]);
  for (const file of readdirSync(join(ROOT, PAGE))) if (/\.(?:html|css|svg)$/u.test(file)) copyFileSync(join(ROOT, PAGE, file), join(dist, PAGE, file));
  for (const file of PLAIN_FILES) copyFileSync(join(ROOT, file), join(dist, file));
  // Published, and what gRPC reflection tells.
  for (const file of globSync('protos/*.proto', { cwd: ROOT })) copyFileSync(join(ROOT, file), join(dist, file));
  for (const part of ['tradewind', 'pyproject.toml']) {
    cpSync(join(ROOT, PYTHON, part), join(dist, PYTHON, part), { recursive: true, filter: (source) => basename(source) !== '__pycache__' });
  }
  const manifest = published(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest);
  for (const program of Object.values(manifest.bin)) chmodSync(join(dist, program), 0o755);
  writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function compile(args: readonly string[]): void {
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
}

/** The package.json of the checkout, pointing at what was emitted. */
function published(manifest: Manifest): Manifest {
  const kept = Object.fromEntries(Object.entries(manifest).filter(([field]) => !CHECKOUT_ONLY.has(field)));
  const mapped = (paths: Readonly<Record<string, string>>, map: (path: string) => unknown): object => Object.fromEntries(Object.entries(paths).map(([key, path]) => [key, map(path)]));
  const emitted = (path: string, extension: string): string => path.replace(/\.ts$/u, extension);
  return {
    ...kept, name: manifest.name, version: manifest.version,
    bin: mapped(manifest.bin, (path) => emitted(path, '.js')) as Manifest['bin'],
    exports: mapped(manifest.exports, (path) => ({ types: emitted(path, '.d.ts'), default: emitted(path, '.js') })) as Manifest['exports'],
    files: ['frontend', 'bench/load', 'model-containers', 'selection-policies', 'protos', 'DECISIONS.md'],
  };
}

function pack(dist: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const said = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: dist, encoding: 'utf8', stdio: ['ignore', 'pipe', 2] });
  const [packed] = JSON.parse(said) as { filename: string }[];
  if (packed === undefined) throw new Error(`npm pack made nothing: ${said}`);
  return join(folder, packed.filename);
}

const { values } = parseArgs({ options: { 'build-only': { type: 'boolean', default: false }, 'dist': { type: 'string', default: join(ROOT, 'dist') }, 'out': { type: 'string' } } });
const dist = resolve(values.dist);
build(dist);
if (!values['build-only']) process.stdout.write(`${pack(dist, resolve(values.out ?? dist))}\n`);
