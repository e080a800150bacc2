import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';

/** A file, or all files of a folder, by their paths below it: what `deploy` of `tradewind/client` takes. For Node. */
export async function filesOf(path: string): Promise<Readonly<Record<string, Uint8Array>>> {
  if ((await stat(path)).isFile()) return { [basename(path)]: await readFile(path) };
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(files.map(async (file): Promise<[string, Uint8Array]> => [relative(path, file).split(sep).join('/'), await readFile(file)])));
}
