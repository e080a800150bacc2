/** Where a door listens: an address of the network, or the file of a Unix socket. `loopback`: nobody outside this machine reaches it. */
export type ListenAddress =
  | { readonly host: string; /** 0: any free one. */ readonly port: number; readonly loopback: boolean }
  | { readonly path: string; readonly mode: number; readonly loopback: true };

/** Where a door came to listen. */
export interface Listening {
  /** `http://127.0.0.1:8000`, `unix:/run/tradewind.sock`; without a scheme where the door has none. */
  readonly url: string;
  /** 0 on a Unix socket. */
  readonly port: number;
}

/** A host as it stands in an address: one of IPv6 in brackets. */
export function inAddress(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
