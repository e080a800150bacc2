import { basename } from 'node:path';
import { failStart, openContainer } from './container.ts';
import { describe } from './failure.ts';
import { loadModule, type ServedModule } from './module.ts';

// The container of a module in TypeScript or JavaScript: serves the function that it exports.

const container = openContainer();
const { predict, serving } = await load(container.path);
await container.serve(serving, predict);

async function load(path: string | undefined): Promise<ServedModule> {
  if (path === undefined) return failStart('name the module that is to be served: TRADEWIND_PATH (--path)');
  try {
    return await loadModule(path);
  } catch (error) {
    return failStart(`the model could not be loaded: ${describe(error, error instanceof SyntaxError ? basename(path) : undefined)}`);
  }
}
