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
