/**
 * Colours of a plot by role, light and dark: an SVG file that stands in a page as a picture follows the reader's system
 * as the page does. Hues are told apart by lightness too.
 */
const THEME = `
  .plot { --ink: #1d2733; --soft: #66727f; --rule: #e3e8ed; --paper: #ffffff;
    --accent: #0b62d6; --kin: #6ea8f0; --oracle: #1d2733; --green: #16866a; --orange: #d4660a; --violet: #7d4fc9; --rose: #c5356f; --gold: #a37b00; --grey: #9aa5b1; }
  @media (prefers-color-scheme: dark) { .plot { --ink: #e8edf3; --soft: #98a5b3; --rule: #2a333d; --paper: #12171d;
    --accent: #5aa5ff; --kin: #3f6fa8; --oracle: #e8edf3; --green: #3fc49c; --orange: #f59a4c; --violet: #b394f2; --rose: #f07aa8; --gold: #d9b13b; --grey: #67727e; } }
  .plot text { font: 11px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--soft); }
  .plot .title { font-size: 13px; font-weight: 600; fill: var(--ink); }
  .plot .label { font-size: 11px; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
`;

export type Hue = 'ink' | 'soft' | 'accent' | 'kin' | 'oracle' | 'green' | 'orange' | 'violet' | 'rose' | 'gold' | 'grey';

export function colour(hue: Hue): string {
  return `var(--${hue})`;
}

export interface Box {
  readonly width: number;
  readonly height: number;
  /** What it shows, for those who do not see it. */
  readonly about: string;
}

/** A whole SVG document that needs nothing from elsewhere. */
export function svgDocument({ width, height, about }: Box, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(about)}">`
    + `<style>${THEME}</style><rect width="100%" height="100%" fill="var(--paper)"/>${content}</svg>\n`;
}

export function text(at: { x: number; y: number }, words: string, more = ''): string {
  return `<text x="${round(at.x)}" y="${round(at.y)}" ${more}>${escaped(words)}</text>`;
}

export function line(from: { x: number; y: number }, to: { x: number; y: number }, stroke: string, more = ''): string {
  return `<line x1="${round(from.x)}" y1="${round(from.y)}" x2="${round(to.x)}" y2="${round(to.y)}" stroke="${stroke}" ${more}/>`;
}

export function polyline(points: readonly { readonly x: number; readonly y: number }[], stroke: string, more = ''): string {
  return `<polyline points="${points.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ')}" fill="none" stroke="${stroke}" stroke-linejoin="round" stroke-linecap="round" ${more}/>`;
}

export function rectangle(at: { x: number; y: number; width: number; height: number }, fill: string, more = ''): string {
  return `<rect x="${round(at.x)}" y="${round(at.y)}" width="${round(at.width)}" height="${round(at.height)}" fill="${fill}" ${more}/>`;
}

export function dot(at: { x: number; y: number }, radius: number, fill: string, more = ''): string {
  return `<circle cx="${round(at.x)}" cy="${round(at.y)}" r="${radius}" fill="${fill}" ${more}/>`;
}

export function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
