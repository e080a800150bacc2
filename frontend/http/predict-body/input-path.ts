const PLAIN = /^[A-Za-z_$][\w$]*$/;
const MAX_NAME = 64;

/** `.name`, or `["a name"]` where it is no identifier; long names, which only strangers send, are cut. */
export function pathMember(name: string): string {
  const shown = name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
  return PLAIN.test(shown) ? `.${shown}` : `[${JSON.stringify(shown)}]`;
}

/** A field of the body itself: `slo_ms`, or `["a name"]`. */
export function pathField(name: string): string {
  const member = pathMember(name);
  return member.startsWith('.') ? member.slice(1) : member;
}
