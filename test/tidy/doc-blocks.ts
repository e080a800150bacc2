/**
 * Text between `<!-- name:begin -->` and `<!-- name:end -->`, replaced by what the code says. Throws where a block has not
 * exactly one pair of markers: a table that nobody can find is not documented.
 */
export function withBlocks(text: string, blocks: Readonly<Record<string, string>>): { text: string; changed: string[] } {
  const changed: string[] = [];
  let result = text;
  for (const [name, wanted] of Object.entries(blocks)) {
    const begin = `<!-- ${name}:begin -->`;
    const end = `<!-- ${name}:end -->`;
    const [head = '', rest, ...more] = result.split(begin);
    const at = rest?.indexOf(end) ?? -1;
    if (rest === undefined || more.length > 0 || at < 0) throw new Error(`needs one ${begin} … ${end}`);
    const block = `\n${wanted.trim()}\n`;
    if (rest.slice(0, at) !== block) changed.push(name);
    result = head + begin + block + rest.slice(at);
  }
  return { text: result, changed };
}

/** What stands in a block; throws where it is not there. */
export function blockOf(text: string, name: string): string {
  const found = text.split(`<!-- ${name}:begin -->`)[1]?.split(`<!-- ${name}:end -->`)[0];
  if (found === undefined) throw new Error(`no block "${name}"`);
  return found.trim();
}
