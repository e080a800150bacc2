/**
 * A finite float32 as the shortest decimal that gives it back: `Math.fround(JSON.parse(text)) === x`. (A double has up to
 * 17 digits where a float32 has at most 9: this is quicker to make than `String(x)`, and half as many bytes.)
 *
 * Between 1e-5 and 1e9 the decimal is an integer n over a power of ten, found by trying one more digit at a time. The
 * first number of decimals tried is the largest at which a unit is not below the distance of two float32 there; whatever
 * shorter decimal gives x back lies less than half a unit from x, so it is the n of that first try with zeros at its end.
 */
export function float32Decimal(x: number): string {
  if (x === (x | 0)) return x === 0 && 1 / x < 0 ? '-0' : String(x);
  const magnitude = Math.abs(x);
  if (magnitude < 1e-5 || magnitude >= 1e9) return byPrecision(x);
  for (let decimals = firstDecimals(magnitude); decimals <= 14; decimals++) {
    const power = POWERS_OF_TEN[decimals] as number;
    const n = Math.round(magnitude * power);
    if (Math.fround(n / power) === magnitude) return withPoint(x < 0, n, decimals);
  }
  return byPrecision(x);
}

const POWERS_OF_TEN: readonly number[] = Object.freeze(Array.from({ length: 15 }, (_, k) => Number(`1e${k}`)));

/** Seven digits in all before and behind the point: 10^-decimals is at least the distance of two float32 here. */
function firstDecimals(magnitude: number): number {
  let decimals = 7;
  for (let bound = 1; decimals > 0 && magnitude >= bound; bound *= 10) decimals--;
  return decimals;
}

function withPoint(negative: boolean, n: number, decimals: number): string {
  let places = decimals;
  let digits = n;
  while (places > 0 && digits % 10 === 0) {
    digits /= 10;
    places--;
  }
  const text = String(digits);
  const sign = negative ? '-' : '';
  if (places === 0) return sign + text;
  if (text.length > places) return `${sign}${text.slice(0, -places)}.${text.slice(-places)}`;
  return `${sign}0.${ZEROS.slice(0, places - text.length)}${text}`;
}

const ZEROS = '00000000000000';

/** Nine significant digits always give a float32 back. */
function byPrecision(x: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(x.toPrecision(digits));
    if (Math.fround(shorter) === x) return String(shorter);
  }
  return String(Number(x.toPrecision(9)));
}
