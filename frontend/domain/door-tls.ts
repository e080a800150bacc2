/** Whether clients show a certificate: nobody is asked; who shows none is served, but not who shows a bad one; neither is. */
export type ClientAuth = 'none' | 'request' | 'require';

/** What a door shows its clients, and which authorities vouch for theirs; PEM. */
export interface DoorCertificate {
  readonly cert: string;
  readonly key: string;
  readonly ca: string | undefined;
}

/** How the doors speak TLS. */
export interface DoorTls {
  readonly clientAuth: ClientAuth;
  /** As it stands; it may become another while the doors listen. */
  current(): DoorCertificate;
  /** Told from now on when it has become another. */
  follow(changed: (certificate: DoorCertificate) => void): void;
}
