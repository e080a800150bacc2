import { readFileSync } from 'node:fs';

/** Of the package that this file is part of, from a checkout as from the built one. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return version;
}
