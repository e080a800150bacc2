import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stamped } from './stamp.ts';

/** The newest result of a bench among the JSON files of a folder, by the date that stands in it; small sizes do not count. */
export function newestResult<Result>(folder: string, bench: string): Stamped<Result> | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Stamped<Result>)
    .filter((result) => result.bench === bench && result.parameters['small'] !== true)
    .toSorted((a, b) => a.date.localeCompare(b.date))
    .at(-1);
}
