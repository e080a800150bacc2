/** Names under which a program on the same machine reaches the broker. */
const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Which `Host` headers are served: a page whose name was pointed at this machine's address (DNS rebinding) sends its own
 * name, and is refused. `localhost`, `127.0.0.1`, `[::1]` and `more` are allowed bare and with the listening port; an
 * entry of `more` that has a port of its own is allowed as it stands. A Unix socket has no port. Upper and lower case are the
 * same (RFC 9110 §4.2.3).
 */
export function hostAllowList(more: readonly string[], port: number | undefined): (host: string | undefined) => boolean {
  const allowed = new Set<string>();
  for (const entry of [...LOCAL, ...more]) {
    const host = entry.toLowerCase();
    allowed.add(host);
    if (port !== undefined && !/:\d+$/.test(host.replace(/^\[.*?\]/, ''))) allowed.add(`${host}:${port}`);
  }
  return (host) => host !== undefined && (allowed.has(host) || allowed.has(host.toLowerCase()));
}
