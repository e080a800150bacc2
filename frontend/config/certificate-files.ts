import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ClientAuth, DoorCertificate } from '../domain/door-tls.ts';
import type { Fault } from '../domain/fault.ts';

/** The files of `listen.tls`, absolute. */
export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
  readonly clientAuth: ClientAuth;
}

/** What stands in them: whole, and fit for each other. */
export interface ReadCertificate extends DoorCertificate {
  /** When the certificate ends that clients are shown, milliseconds of the epoch. */
  readonly endsAtMs: number;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu;

/** Reads and checks them; undefined where there is a fault, and it names the file. Nothing of a key is ever in one. */
export function readCertificateFiles({ cert, key, ca }: Omit<CertificateFiles, 'clientAuth'>, faults: Fault[]): ReadCertificate | undefined {
  const before = faults.length;
  const chain = certificates('cert', cert, faults);
  const privateKey = readKey(key, faults);
  const authorities = ca === undefined ? undefined : certificates('ca', ca, faults);
  const [own] = chain.list;
  if (own === undefined || privateKey === undefined || faults.length > before) return undefined;
  if (!own.checkPrivateKey(privateKey.object)) {
    faults.push({ path: at('key'), message: `${key} is not the key of the certificate in ${cert}` });
    return undefined;
  }
  const read = { cert: chain.text, key: privateKey.text, ca: authorities?.text };
  const refusal = refusalOfTls(read);
  if (refusal === undefined) return { ...read, endsAtMs: own.validToDate.getTime() };
  faults.push({ path: at('cert'), message: `TLS cannot be spoken with ${cert}: ${refusal}` });
  return undefined;
}

/** Why no server can be made with these, such as a key that is too short: a door must not find that out while it listens. */
function refusalOfTls({ cert, key, ca }: DoorCertificate): string | undefined {
  try {
    createSecureContext({ cert, key, ...(ca === undefined ? {} : { ca }) });
    return undefined;
  } catch (thrown) {
    const { message, reason = message } = thrown as Error & { readonly reason?: string };
    return reason;
  }
}

function at(word: 'cert' | 'key' | 'ca'): Fault['path'] {
  return ['listen', 'tls', word];
}

function textOf(word: 'cert' | 'key' | 'ca', file: string, faults: Fault[]): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    faults.push({ path: at(word), message: `${file} cannot be read: ${(thrown as NodeJS.ErrnoException).code ?? 'unknown'}` });
    return undefined;
  }
}

function certificates(word: 'cert' | 'ca', file: string, faults: Fault[]): { readonly text: string; readonly list: readonly X509Certificate[] } {
  const text = textOf(word, file, faults);
  if (text === undefined) return { text: '', list: [] };
  try {
    const list = (text.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
    if (list.length > 0) return { text, list };
    faults.push({ path: at(word), message: `${file} holds no certificate`, expected: 'certificates in PEM' });
  } catch {
    faults.push({ path: at(word), message: `${file} holds a certificate that cannot be read`, expected: 'certificates in PEM' });
  }
  return { text, list: [] };
}

function readKey(file: string, faults: Fault[]): { readonly text: string; readonly object: KeyObject } | undefined {
  const text = textOf('key', file, faults);
  if (text === undefined) return undefined;
  try {
    return { text, object: createPrivateKey(text) };
  } catch {
    faults.push({ path: at('key'), message: `${file} holds no private key that can be read`, expected: 'a key in PEM, without a passphrase' });
    return undefined;
  }
}
