// Where a server is: its URL or the path of its unix socket.

const PORTS: Readonly<Record<string, number>> = { redis: 6379, sentinel: 26379, cluster: 6379 };

const UNIX = 'unix://';

export interface ServerAddress {
  /** of a unix socket */
  readonly path?: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  readonly database: number;
  readonly user: string;
  readonly password: string;
}

/**
 * @param text `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, `rediss://` for TLS, or `unix://` and the path of a socket,
 *   or the path alone
 * @param kind which decides on the default port
 * @throws TypeError (ERR_INVALID_URL) for another form
 */
export function addressOf(text: string, kind = 'redis'): ServerAddress {
  const none = { host: '', port: 0, isTls: false, database: 0, user: '', password: '' };
  const path = text.startsWith(UNIX) ? text.slice(UNIX.length) : text;
  if (path.startsWith('/')) return { ...none, path };
  const url = new URL(text);
  return {
    host: url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname,
    port: Number(url.port) || (PORTS[kind] ?? 6379),
    isTls: url.protocol === 'rediss:',
    database: Number(url.pathname.slice(1)) || 0,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}
