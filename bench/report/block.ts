/**
 * `text` with what stands between `<!-- name:begin -->` and `<!-- name:end -->` replaced. Throws where there is not exactly
 * one such place: figures that land nowhere would go unnoticed.
 */
export function withBlock(text: string, name: string, content: string): string {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from || text.includes(begin, from + 1) || text.includes(end, to + 1)) throw new Error(`needs one ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n${content.trim()}\n${text.slice(to)}`;
}
