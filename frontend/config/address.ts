import { isIP } from 'node:net';

/** `127.0.0.1:80`, `[::1]:80`, `localhost:80`. */
export function readAddress(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[(.*)\]$/u, '$1'), port: Number(text.slice(colon + 1)) };
}

/** Nobody outside this machine reaches it. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.');
  return host === '::1' || host.toLowerCase() === 'localhost';
}
