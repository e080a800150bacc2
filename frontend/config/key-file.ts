import { readFileSync } from 'node:fs';
import type { Fault } from '../domain/fault.ts';
import type { ReceiptKey } from '../domain/state-store.ts';

const LINE = /^([1-9][0-9]{0,2}) +([0-9a-fA-F]{64})$/u;

/**
 * The receipt keys in a file: `number secret` on a line, the secret 64 hexadecimal digits; empty lines and what begins with
 * # are left out. The last one signs, all verify: a new key is added to every broker above the last line, and then made the last.
 */
export function readKeyFile(file: string, faults: Fault[]): readonly ReceiptKey[] {
  const path = ['storage', 'receipt_key_file'];
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (thrown) {
    faults.push({ path, message: `cannot be read: ${(thrown as Error).message}` });
    return [];
  }
  const keys: ReceiptKey[] = [];
  text.split('\n').forEach((line, i) => {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) return;
    const [, digits = '', secret = ''] = LINE.exec(content) ?? [];
    const number = Number(digits);
    // Never the line itself: it may be a secret with a slip in it.
    if (digits === '' || number > 255) faults.push({ path, message: `${file}, line ${i + 1} is no key`, expected: 'a number from 1 to 255 and 64 hexadecimal digits' });
    else if (keys.some((key) => key.number === number)) faults.push({ path, message: `${file}, line ${i + 1}: key ${number} stands twice` });
    else keys.push({ number, secret: Buffer.from(secret, 'hex') });
  });
  if (keys.length === 0 && faults.length === 0) faults.push({ path, message: `${file} holds no key`, expected: 'a number from 1 to 255 and 64 hexadecimal digits on a line' });
  return keys;
}
