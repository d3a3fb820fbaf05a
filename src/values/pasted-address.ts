// An address or a network as people paste it: from a log line, a mail header or a shell.

/** Characters of the longest form that is looked at: a host name, an address and a port. */
const MAX_LENGTH = 400;
/** `name[address]`, `client=name[address]`, each with a port, a prefix length or the mark that ends it in a log line. */
const BRACKETED = /^(?:client=)?[\w.-]*\[([^[\]\s]*)\](?:[:,;.]|:\d{1,5}:?|(\/\d{1,3}))?$/;
/** An IPv4 address with a port, or with a mark behind it. An IPv6 address without brackets may end in a colon. */
const IPV4 = /^(\d{1,3}(?:\.\d{1,3}){3})(?::\d{1,5}|[:,;.])$/;
/** RFC 5321 4.1.3: an IPv6 address in a mail header. */
const IPV6_TAG = /^IPv6:/i;

/**
 * The address or network alone, which the caller has yet to parse. A text of any other form comes back as it is, without
 * the blanks around it.
 *
 * Postfix logs clients as `name[address]`, with smtpd_client_port_logging as `name[address]:port`, and postscreen(8) as
 * `[address]:port`. It writes IPv6 networks as `[address]/bits` (postconf(5), mynetworks).
 */
export function pastedAddress(text: string): string {
  const pasted = text.trim();
  if (pasted.length > MAX_LENGTH) return pasted;
  const [, inner, bits = ''] = BRACKETED.exec(pasted) ?? [];
  if (inner !== undefined) return `${inner.replace(IPV6_TAG, '')}${bits}`;
  return IPV4.exec(pasted)?.[1] ?? pasted.replace(IPV6_TAG, '');
}
