/** `numberEnd`: the token goes on behind the bytes that are here. */
export const CUT = -1;

/**
 * Where the JSON number that begins at `at` ends (RFC 8259 §6), `CUT`, or −2 − i where byte i cannot stand there.
 * A number that touches `end` is cut: only what follows tells that it is over.
 */
export function numberEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  if (bytes[i] === 0x2d) i++;
  if (i >= end) return CUT;
  if (!isDigit(bytes[i])) return -2 - i;
  if (bytes[i] === 0x30) {
    i++;
    if (i < end && isDigit(bytes[i])) return -2 - i;
  } else {
    i = digitsEnd(bytes, i, end);
  }
  if (i < end && bytes[i] === 0x2e) {
    i++;
    if (i >= end) return CUT;
    if (!isDigit(bytes[i])) return -2 - i;
    i = digitsEnd(bytes, i, end);
  }
  if (i < end && (bytes[i] === 0x65 || bytes[i] === 0x45)) {
    i++;
    if (i < end && (bytes[i] === 0x2b || bytes[i] === 0x2d)) i++;
    if (i >= end) return CUT;
    if (!isDigit(bytes[i])) return -2 - i;
    i = digitsEnd(bytes, i, end);
  }
  return i >= end ? CUT : i;
}

/**
 * The integer that a JSON number is, exactly, however it is written (`12`, `1.2e1`, `120e-1`); undefined where it is no
 * integer or has more than 40 digits, which no dtype holds.
 */
export function exactInteger(text: string): bigint | undefined {
  const parts = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (parts === null) return undefined;
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return 0n;
  const significant = digits.replace(/0+$/, '');
  const zeros = digits.length - significant.length + Number(power) - fraction.length;
  if (zeros < 0 || zeros + significant.length > 40) return undefined;
  const value = BigInt(significant) * 10n ** BigInt(zeros);
  return sign === '-' ? -value : value;
}

function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && isDigit(bytes[i])) i++;
  return i;
}

function isDigit(c: number | undefined): boolean {
  return c !== undefined && c >= 0x30 && c <= 0x39;
}
