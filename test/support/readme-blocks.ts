import { readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);

/** The fenced blocks of a document in one language, without the fences, as they stand there. */
export function fencedBlocks(document: string, language: string): string[] {
  const text = readFileSync(new URL(document, ROOT), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gmu)].filter(([, found]) => found === language).map(([, , block = '']) => block);
}

/** The README's `my-container.ts`. */
export function readmeContainer(): string {
  return example("from 'tradewind/container'");
}

/** The README's `my-policy.ts`. */
export function readmePolicy(): string {
  return example("from 'tradewind/policy'");
}

function example(imported: string): string {
  const block = fencedBlocks('README.md', 'ts').find((text) => text.includes(imported));
  if (block === undefined) throw new Error(`README.md has no example that imports ${imported}`);
  return block;
}
