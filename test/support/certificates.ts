import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate for 127.0.0.1 that vouches for itself: whoever trusts it as an authority trusts it. */
export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
}

export interface TestAuthority {
  readonly certFile: string;
  readonly cert: string;
  /** A certificate that it vouches for, for 127.0.0.1 and localhost, and how long it goes on; 2 days. */
  issue(name: string, days?: number): TestCertificate & { readonly keyFile: string };
}

/** An authority for one test. */
export function makeAuthority(lifetime: { after(run: () => unknown): void }): TestAuthority {
  const folder = mkdtempSync(join(tmpdir(), 'authority-'));
  lifetime.after(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string): string => join(folder, name);
  const openssl = (...words: string[]): void => void execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...words], { stdio: 'ignore' });
  openssl('-days', '2', '-subj', '/CN=authority', '-keyout', at('ca-key.pem'), '-out', at('ca.pem'));
  return {
    certFile: at('ca.pem'), cert: readFileSync(at('ca.pem'), 'utf8'),
    issue: (name, days = 2) => {
      const [certFile, keyFile] = [at(`${name}.pem`), at(`${name}-key.pem`)];
      openssl('-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-days', String(days), '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-addext', 'basicConstraints=CA:FALSE', '-keyout', keyFile, '-out', certFile);
      return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), certFile, keyFile };
    },
  };
}

/** Made by openssl for one test; gone after it. */
export function makeCertificate(lifetime: { after(run: () => unknown): void }): TestCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  lifetime.after(() => rmSync(folder, { recursive: true, force: true }));
  const certFile = join(folder, 'cert.pem');
  const keyFile = join(folder, 'key.pem');
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=stub', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certFile];
  execFileSync('openssl', words, { stdio: 'ignore' });
  return { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8'), certFile };
}
