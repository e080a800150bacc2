import { pathToFileURL } from 'node:url';
import type { Predict, ServeOptions } from './predict.ts';

/** What a module of an author's exports: `predict` (or a default export), and `serving` where there is something to say of it. */
export interface ServedModule {
  readonly predict: Predict;
  readonly serving: ServeOptions;
}

/** Imports the module in `file`; throws an Error that says what it lacks. */
export async function loadModule(file: string): Promise<ServedModule> {
  const exported = await import(pathToFileURL(file).href) as Readonly<Record<string, unknown>>;
  const predict = exported['predict'] ?? exported['default'];
  const serving = exported['serving'] ?? {};
  if (typeof predict !== 'function') throw new Error(`${file} exports no function predict`);
  if (typeof serving !== 'object' || serving === null) throw new Error(`${file} exports a serving that is no object`);
  return { predict: predict as Predict, serving };
}
