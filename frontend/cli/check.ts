import { readConfigFile } from '../lifecycle/desired-file.ts';
import type { Surroundings } from '../lifecycle/desired-file.ts';
import { Stop, faultList } from './stop.ts';

/** Says whether a configuration file is right, and what it holds. */
export function checkFile(file: string, { print, ...surroundings }: Surroundings & { readonly print: (text: string) => void }): void {
  const read = readConfigFile(file, surroundings);
  if (!read.ok) throw new Stop(faultList(read.faults));
  const { models, apps } = read.config.wanted;
  print(`${file} is right: ${count(Object.keys(models).length, 'model version')}, ${count(Object.keys(apps).length, 'app')}.`);
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
