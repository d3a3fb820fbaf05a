// The SMTP client where Postfix itself writes it: `name[address]`, `name[address]:port` or `[address]:port`.

export interface Client {
  /** as Postfix printed it; `unknown` where the connection was gone before Postfix could look */
  readonly address: string;
  /** the forward-confirmed name (postconf(5), smtpd_peername_lookup), undefined where Postfix says `unknown` */
  readonly name: string | undefined;
  /** port, where smtpd_client_port_logging or postscreen prints it */
  readonly port: string;
  /** where the text after the client begins */
  readonly end: number;
}

/** Whether an address is this host's own: mail from it comes back from a content filter, or was never anybody else's. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}

const MAX_NAME = 255;
const MAX_ADDRESS = 64;
const MAX_PORT = 5;

/** The client that stands at `from`, or undefined where none stands exactly there. */
export function clientAt(text: string, from: number): Client | undefined {
  const open = text.indexOf('[', from);
  if (open < 0 || open - from > MAX_NAME) return undefined;
  const close = text.indexOf(']', open);
  if (close < 0 || close - open > MAX_ADDRESS) return undefined;
  const name = text.slice(from, open);
  if (name.includes(' ')) return undefined;
  const end = portEnd(text, close + 1);
  return {
    address: text.slice(open + 1, close),
    name: name === '' || name === 'unknown' ? undefined : name,
    port: text.slice(close + 2, end),
    end,
  };
}

function portEnd(text: string, from: number): number {
  if (text.charCodeAt(from) !== 58) return from;
  let end = from + 1;
  while (end - from <= MAX_PORT && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
  // `name[address]: text` has a colon too, and no port after it.
  return end === from + 1 ? from : end;
}
