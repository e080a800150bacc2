import type { Fault } from '../domain/fault.ts';
import type { ListenAddress } from '../domain/listening.ts';
import { isLoopback, readAddress } from './address.ts';
import { readCertificateFiles, type CertificateFiles } from './certificate-files.ts';
import type { RawSettings } from './options.ts';

/** Where the broker listens, and how. */
export interface ListenSettings {
  readonly http: ListenAddress;
  /** Undefined: no gRPC. */
  readonly grpc: ListenAddress | undefined;
  readonly allowedHosts: readonly string[];
  /** Undefined: in the clear. */
  readonly tls: CertificateFiles | undefined;
  readonly cors: { readonly origins: readonly string[]; readonly maxAgeSeconds: number };
}

type RawListen = RawSettings['listen'];

const UNIX = 'unix:';
/** The kernel's sun_path holds 108 bytes with the closing zero (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;
const MODES: Readonly<Record<RawListen['socket_access'], number>> = { owner: 0o600, group: 0o660, all: 0o666 };

/** Paths in `raw` are absolute. */
export function readListening(raw: RawListen, faults: Fault[]): ListenSettings {
  const http = readListen(raw, 'http', raw.http, faults);
  const grpc = raw.grpc ?? grpcBeside(http);
  return {
    http, grpc: grpc === 'none' ? undefined : readListen(raw, 'grpc', grpc, faults), allowedHosts: raw.allowed_hosts,
    tls: readTls(raw.tls, faults), cors: { origins: raw.cors.origins, maxAgeSeconds: raw.cors.max_age_s },
  };
}

/** Where nobody says where: who gave HTTP a socket file, which has a mode, is not given a port that all of the machine may ask. */
function grpcBeside(http: ListenAddress): string {
  if (!('port' in http)) return 'none';
  return http.port === 0 ? '127.0.0.1:0' : '127.0.0.1:8001';
}

/** `unix:run/http.sock` → `unix:/srv/run/http.sock`; other addresses stay as they are. */
export function absoluteSocket(address: string, absolute: (path: string) => string): string {
  return address.startsWith(UNIX) ? `${UNIX}${absolute(address.slice(UNIX.length))}` : address;
}

function readListen(raw: RawListen, door: 'http' | 'grpc', text: string, faults: Fault[]): ListenAddress {
  const at = ['listen', door];
  if (text.startsWith(UNIX)) {
    const path = text.slice(UNIX.length);
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) faults.push({ path: at, message: `${path} is too long for a Unix socket`, expected: `a path of at most ${MAX_SOCKET_PATH_BYTES} bytes` });
    return { path, mode: MODES[raw.socket_access], loopback: true };
  }
  const { host, port } = readAddress(text);
  if (port > 65_535) faults.push({ path: at, message: `has port ${port}`, expected: 'a port from 0 to 65535' });
  return { host, port, loopback: isLoopback(host) };
}

function readTls({ cert, key, ca, client_auth: clientAuth }: RawListen['tls'], faults: Fault[]): CertificateFiles | undefined {
  const at = ['listen', 'tls'];
  if (cert === undefined || key === undefined) {
    const said = [['cert', cert], ['key', key], ['ca', ca], ['client_auth', clientAuth === 'none' ? undefined : clientAuth]].find(([, value]) => value !== undefined);
    if (said !== undefined) faults.push({ path: at, message: `${said[0]} stands alone`, expected: 'cert and key, both' });
    return undefined;
  }
  if (clientAuth !== 'none' && ca === undefined) faults.push({ path: [...at, 'client_auth'], message: `is ${clientAuth} without a ca`, expected: 'listen.tls.ca to say who vouches for clients' });
  if (clientAuth === 'none' && ca !== undefined) faults.push({ path: [...at, 'ca'], message: 'stands where no client is asked for a certificate', expected: 'listen.tls.client_auth: request or require' });
  const files = { cert, key, ca, clientAuth };
  readCertificateFiles(files, faults);
  return files;
}
