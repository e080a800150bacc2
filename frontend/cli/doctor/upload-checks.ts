import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { bytesText } from '../terminal/quantities.ts';
import { doubtful, good, type Finding } from './finding.ts';

/** As `placeArchive` names what was uploaded: `model/version/hash`. What an operator put there himself is not looked at. */
const HASH = /^[0-9a-f]{16}$/u;
const MOST_NAMED = 5;

/**
 * What was uploaded below the deploy root, and is named by no version that the broker holds (`models`, as admin shows them).
 * It stays when its version is removed, for somebody may want that back: only the operator can tell when nobody does.
 */
export function uploadFinding(root: string, models: unknown): Finding {
  const check = 'admin.deploy_root';
  const named = JSON.stringify(models);
  const unused = uploadsBelow(root).filter((folder) => !named.includes(JSON.stringify(folder).slice(1, -1)));
  if (unused.length === 0) return good(check, `every upload in ${root} is a version's`);
  const bytes = unused.reduce((total, folder) => total + bytesIn(folder), 0);
  const more = unused.length > MOST_NAMED ? ` and ${unused.length - MOST_NAMED} more` : '';
  return doubtful(check, `${unused.length} upload(s) of ${bytesText(bytes)} are no version's any more: ${unused.slice(0, MOST_NAMED).join(' ')}${more}. Delete what nobody is to go back to.`);
}

function uploadsBelow(root: string): string[] {
  return foldersIn(root).flatMap((model) => foldersIn(join(root, model)).flatMap((version) => foldersIn(join(root, model, version)).filter((name) => HASH.test(name)).map((hash) => join(root, model, version, hash))));
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).toSorted();
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .reduce((total, { parentPath, name }) => total + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0), 0);
}
