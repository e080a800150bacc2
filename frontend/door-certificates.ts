import { readCertificateFiles, type CertificateFiles, type ReadCertificate } from './config/certificate-files.ts';
import type { ListenSettings } from './config/listen-words.ts';
import type { ListenAddress } from './domain/listening.ts';
import type { ClientAuth, DoorCertificate, DoorTls } from './domain/door-tls.ts';
import { faultText, type Fault } from './domain/fault.ts';
import type { Log } from './domain/log.ts';

/** What the doors show, as it stands in files that may change while they listen. */
export class DoorCertificates implements DoorTls {
  readonly clientAuth: ClientAuth;
  readonly #files: CertificateFiles;
  readonly #log: Log;
  readonly #followers: ((certificate: DoorCertificate) => void)[] = [];
  #current: ReadCertificate;

  private constructor(files: CertificateFiles, current: ReadCertificate, log: Log) {
    this.clientAuth = files.clientAuth;
    this.#files = files;
    this.#current = current;
    this.#log = log;
  }

  /** Undefined where doors speak in the clear; throws where a file is not what it must be. */
  static open({ tls }: Pick<ListenSettings, 'tls'>, log: Log): DoorCertificates | undefined {
    if (tls === undefined) return undefined;
    const faults: Fault[] = [];
    const read = readCertificateFiles(tls, faults);
    if (read === undefined) throw new Error(faults.map(faultText).join('\n'));
    return new DoorCertificates(tls, read, log);
  }

  /** When the certificate ends, microseconds of the epoch. */
  get endsAtMicros(): number {
    return this.#current.endsAtMs * 1000;
  }

  current(): DoorCertificate {
    return this.#current;
  }

  follow(changed: (certificate: DoorCertificate) => void): void {
    this.#followers.push(changed);
  }

  /**
   * Reads the files again; where one is not what it must be, the certificate of before goes on. What that comes to is logged,
   * and returned as a sentence; undefined where the files are as they were. A dry run only says it.
   */
  reload(dryRun = false): string | undefined {
    const faults: Fault[] = [];
    const read = readCertificateFiles(this.#files, faults);
    if (read === undefined) return this.#refuse(faults.map(faultText), dryRun);
    const { cert, key, ca } = this.#current;
    if (cert === read.cert && key === read.key && ca === read.ca) return undefined;
    const endsAt = new Date(read.endsAtMs).toISOString();
    if (!dryRun) {
      this.#current = read;
      for (const changed of this.#followers) changed(read);
      this.#log.info({ file: this.#files.cert, endsAt }, 'the doors show another certificate');
    }
    return `The doors ${dryRun ? 'would show' : 'show'} another certificate: ${this.#files.cert}, which ends on ${endsAt.slice(0, 10)}.`;
  }

  #refuse(faults: readonly string[], dryRun: boolean): string {
    if (!dryRun) this.#log.error({ faults }, 'the certificate of the doors cannot be renewed; the one of before goes on');
    return `The certificate of the doors cannot be renewed, and the one of before goes on: ${faults.join('; ')}.`;
  }
}

/** The TLS of a door: on a Unix socket there is none. */
export function tlsAt(address: ListenAddress | undefined, tls: DoorTls | undefined): { readonly tls?: DoorTls } {
  return tls === undefined || address === undefined || 'path' in address ? {} : { tls };
}
