/** Numbers as people read them: short, the same width where they stand below each other, and a dash where there is none. */

const NONE = '–';

/** 0, 0.4, 12.3, 940, 1.24 k, 3.1 M */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.05) return '< 0.1';
  if (size < 99.95) return trimmed(value.toFixed(1));
  if (size < 999.5) return value.toFixed(0);
  if (size < 999_500) return `${(value / 1000).toPrecision(3)} k`;
  return `${(value / 1e6).toPrecision(3)} M`;
}

/** A whole number, apart in threes. */
export function count(value: number): string {
  return Math.round(value).toString().replaceAll(/\B(?=(\d{3})+$)/gu, '\u202f');
}

/** 0.42 ms, 12.3 ms, 840 ms, 3.2 s */
export function milliseconds(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE;
  if (value >= 1000) return `${(value / 1000).toPrecision(3)} s`;
  if (value >= 99.95) return `${value.toFixed(0)} ms`;
  return `${value >= 9.995 ? value.toFixed(1) : value.toFixed(2)} ms`;
}

/** A time as somebody wrote it: 50 ms, 2.5 ms, 3 s */
export function objective(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toPrecision(3))} s` : `${Number(ms.toPrecision(3))} ms`;
}

/** A part of 1 as percent; never 100 % of what is less, and never 0 % of what is more. */
export function percent(part: number | null | undefined): string {
  if (part === null || part === undefined || !Number.isFinite(part)) return NONE;
  if (part >= 1) return '100 %';
  if (part <= 0) return '0 %';
  const value = part * 100;
  if (value >= 99.995) return '> 99.99 %';
  if (value >= 99) return `${floored(value, 2)} %`;
  if (value >= 10) return `${floored(value, 1)} %`;
  return value < 0.1 ? '< 0.1 %' : `${trimmed(value.toFixed(1))} %`;
}

/** 512 kB, 226 MB, 1.2 GB */
export function bytes(value: number): string {
  const [size, unit] = value >= 1e9 ? [value / 1e9, 'GB'] : value >= 1e6 ? [value / 1e6, 'MB'] : [value / 1e3, 'kB'];
  return `${size >= 100 ? size.toFixed(0) : size.toPrecision(2)} ${unit}`;
}

/** How long something lasted: 40 s, 12 min, 3 h 20 min, 4 d */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** `1 row`, `7 rows` */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${Math.round(value) === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c` */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function trimmed(text: string): string {
  return text.replace(/\.0$/u, '');
}

function floored(value: number, digits: number): string {
  const scale = 10 ** digits;
  return trimmed((Math.floor(value * scale) / scale).toFixed(digits)).replace(/\.00$/u, '');
}

/** A sentence in which no line ends between a number and its unit. */
export function unbroken(sentence: string): string {
  return sentence.replaceAll(/(\d) (%|µs|ms|s|rows?)(?![a-z])/gu, '$1\u00a0$2');
}
