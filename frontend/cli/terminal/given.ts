import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandContext } from './context.ts';
import { CommandFailure, EXIT } from './failure.ts';

/** A JSON value as it stands on the command line, `@FILE`, or `-` for standard input. */
export async function jsonGiven(text: string, what: string, context: Pick<CommandContext, 'workingFolder' | 'input'>): Promise<unknown> {
  const content = await contentOf(text, context);
  try {
    return JSON.parse(content) as unknown;
  } catch {
    throw new CommandFailure(`${what} is not JSON: ${content.length > 60 ? `${content.slice(0, 60)}…` : content}`, EXIT.usage);
  }
}

async function contentOf(text: string, { workingFolder, input }: Pick<CommandContext, 'workingFolder' | 'input'>): Promise<string> {
  if (text === '-') return input();
  if (!text.startsWith('@')) return text;
  try {
    return readFileSync(resolve(workingFolder, text.slice(1)), 'utf8');
  } catch (thrown) {
    throw new CommandFailure(`${text.slice(1)} cannot be read: ${(thrown as Error).message}`, EXIT.usage);
  }
}

/** A whole number on the command line, within bounds. */
export function numberGiven(text: string, what: string, [least, most]: readonly [number, number]): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < least || number > most) throw new CommandFailure(`${what} is ${text}, not a whole number from ${least} to ${most}`, EXIT.usage);
  return number;
}

/** `stable=95`: a name and what it weighs, at least 0. */
export function weightGiven(text: string, shape: string): readonly [string, number] {
  const at = text.lastIndexOf('=');
  const weight = Number(text.slice(at + 1));
  if (at < 1 || text.slice(at + 1).trim() === '' || !(weight >= 0 && weight < Number.POSITIVE_INFINITY)) throw new CommandFailure(`${text} is not ${shape}`, EXIT.usage);
  return [text.slice(0, at), weight];
}

/** A latency objective on the command line; the broker bounds it. */
export function sloMsGiven(text: string): number {
  const sloMs = Number(text);
  if (text.trim() === '' || !(sloMs > 0 && sloMs < Number.POSITIVE_INFINITY)) throw new CommandFailure(`--slo-ms is ${text}, not a number of milliseconds above 0`, EXIT.usage);
  return sloMs;
}

/** `digits`, or `digits@3`; the version is undefined where it is left out. */
export function modelGiven(text: string): { readonly model: string; readonly version: number | undefined } {
  const [model = '', version, ...more] = text.split('@');
  if (model === '' || more.length > 0) throw new CommandFailure(`${text} is no model: say MODEL or MODEL@VERSION`, EXIT.usage);
  return { model, version: version === undefined ? undefined : numberGiven(version, 'the version', [1, 2 ** 31 - 1]) };
}
