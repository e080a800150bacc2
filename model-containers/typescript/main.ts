import { failStart, openContainer } from './container.ts';
import { loadModule } from './module.ts';

// The container of a module in TypeScript or JavaScript: serves the function that it exports.

const container = openContainer();
try {
  if (container.path === undefined) throw new Error('name the module that is to be served: TRADEWIND_PATH (--path)');
  const { predict, serving } = await loadModule(container.path);
  await container.serve(serving, predict);
} catch (error) {
  failStart(error);
}
