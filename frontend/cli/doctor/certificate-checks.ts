import type { CertificateFiles } from '../../config/certificate-files.ts';
import { readCertificateFiles } from '../../config/certificate-files.ts';
import { faultText, type Fault } from '../../domain/fault.ts';
import { bad, doubtful, good, type Finding } from './finding.ts';

const DAY_MS = 86_400_000;
/** Authorities renew from a third of a certificate's life on; theirs last ninety days at most before long. */
const SOON_DAYS = 14;

/** Whether the certificate of the doors is right, and goes on for a while. `nowMs`: of the epoch. */
export function certificateFinding(files: CertificateFiles, nowMs: number): Finding {
  const check = 'listen.tls';
  const faults: Fault[] = [];
  const read = readCertificateFiles(files, faults);
  if (read === undefined) return bad(check, faults.map(faultText).join('; '));
  const days = Math.floor((read.endsAtMs - nowMs) / DAY_MS);
  const when = new Date(read.endsAtMs).toISOString().slice(0, 10);
  if (read.endsAtMs <= nowMs) return bad(check, `the certificate in ${files.cert} ended on ${when}: put a new one in its place, and send the broker SIGHUP.`);
  const says = `the certificate in ${files.cert} ends on ${when}, in ${days} ${days === 1 ? 'day' : 'days'}`;
  return days < SOON_DAYS ? doubtful(check, `${says}: put a new one in its place, and send the broker SIGHUP.`) : good(check, says);
}
