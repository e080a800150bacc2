import type { FastifyInstance } from 'fastify';

/**
 * Collects every route that is registered from now on; the function it gives back says which methods a path takes,
 * none where there is no such route. For answers to wrong methods: nothing here is quick.
 */
export function watchRoutes(fastify: FastifyInstance): (path: string) => string[] {
  const methodsByPattern = new Map<string, Set<string>>();
  fastify.addHook('onRoute', (route) => {
    const methods = methodsByPattern.get(route.url) ?? new Set();
    for (const method of [route.method].flat()) methods.add(method);
    methodsByPattern.set(route.url, methods);
  });
  return (path) => {
    const methods = new Set<string>();
    for (const [pattern, of] of methodsByPattern) if (matches(pattern, path)) for (const method of of) methods.add(method);
    return [...methods].sort();
  };
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.at(-1) === '*') return given.length >= wanted.length && wanted.slice(0, -1).every((part, i) => fits(part, given[i]));
  return wanted.length === given.length && wanted.every((part, i) => fits(part, given[i]));
}

function fits(part: string, given: string | undefined): boolean {
  return part.startsWith(':') ? given !== undefined && given !== '' : part === given;
}
