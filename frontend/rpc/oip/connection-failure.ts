/** What Node says of a certificate that it does not trust. */
const CERTIFICATE = /CERT|SELF_SIGNED|ISSUER|ALTNAME/;

/** Why a connection failed, in words for the operator. */
export function connectionFailure(error: Error & { readonly code?: string }): string {
  const { code = '', message } = error;
  // What follows the first clause is Node's advice to its own users.
  if (CERTIFICATE.test(code)) return `its certificate is not trusted: ${message.split(';')[0]} (${code})`;
  return code !== '' && !message.includes(code) ? `${message} (${code})` : message;
}
