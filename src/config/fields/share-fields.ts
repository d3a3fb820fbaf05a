// The option share-state: of policy.yml.

import { MINUTE, SECOND } from '../../values/duration.ts';
import { readDuration } from './duration-field.ts';
import type { Fields, OptionNode } from './fields.ts';

/** The server on which several hosts share their counts and blocks. Paths absolute. */
export interface ShareSpec {
  /** `redis://HOST:PORT`, `rediss://HOST:PORT` or `unix:///PATH` */
  readonly urls: readonly string[];
  readonly kind: 'single' | 'sentinel' | 'cluster';
  /** the name by which sentinels know the master */
  readonly master?: string | undefined;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
  /** for the sentinels themselves */
  readonly sentinelUser?: string | undefined;
  readonly sentinelPasswordFile?: string | undefined;
  readonly caFile?: string | undefined;
  /** begins the names of all keys */
  readonly prefix: string;
  /** undefined: the name of the system */
  readonly host?: string | undefined;
  /** ms */
  readonly timeout: number;
}

type ReadPath = (place: OptionNode) => string | undefined;

const OPTIONS = 'url with redis://HOST:PORT, and prefix, host, user, password-file, ca-file or timeout';
const URL_FORM = 'redis://HOST:PORT, rediss://HOST:PORT (TLS) or unix:///PATH';
const TLS = 'rediss:';
const TCP: readonly string[] = ['redis:', TLS];
/** The number of a database, which only a server alone has. */
const DATABASE = /^\/\d{1,5}$/;
/** Names of keys and of hosts: nothing that a pattern or a log line would read in another way. */
const NAME = /^[\w.-]{1,64}$/;

/** `off` is as if it were not set. */
export function readShare(place: OptionNode, fields: Fields, path: ReadPath): ShareSpec | 'off' | undefined {
  if (fields.isText(place) && fields.source(place) === 'off') return 'off';
  const options = fields.map(place, OPTIONS);
  if (options === undefined) return undefined;
  const urls = options.required('url', (at) => readUrls(at, fields), 'redis://127.0.0.1:6379');
  const master = options.optional('sentinel', (at) => readName(at, fields), undefined);
  const isCluster = options.optional('cluster', (at) => fields.boolean(at), false);
  const user = options.optional('user', (at) => fields.text(at, 'the name of a user'), undefined);
  const passwordFile = options.optional('password-file', path, undefined);
  const sentinelUser = options.optional(
    'sentinel-user',
    (at) => fields.text(at, 'the name of a user'),
    undefined,
  );
  const sentinelPasswordFile = options.optional('sentinel-password-file', path, undefined);
  const caFile = options.optional('ca-file', path, undefined);
  const prefix = options.optional('prefix', (at) => readName(at, fields), 'postblock');
  const host = options.optional('host', (at) => readName(at, fields), undefined);
  const timeout = options.optional('timeout', (at) => readDuration(at, fields, SECOND, MINUTE), SECOND);
  options.finish();
  if (urls === undefined || prefix === undefined || timeout === undefined) return undefined;
  const isMany = isCluster === true || (urls.length > 1 && master === undefined);
  const kind = master !== undefined ? 'sentinel' : isMany ? 'cluster' : 'single';
  const ofSentinels = { sentinelUser, sentinelPasswordFile };
  const spec: ShareSpec = {
    ...{ urls, kind, master, user, passwordFile, ...ofSentinels, caFile, prefix, host, timeout },
  };
  const conflict =
    master !== undefined && isCluster
      ? 'has both sentinel and cluster; expected one of them'
      : conflictIn(spec);
  return conflict === undefined ? spec : fields.wrong(place, conflict);
}

/** What the options do not say together: each would be ignored, and the daemon would do another thing than it reads. */
function conflictIn({ urls, kind, ...spec }: ShareSpec): string | undefined {
  const protocols = new Set(urls.map((url) => new URL(url).protocol));
  if (kind !== 'sentinel' && (spec.sentinelUser ?? spec.sentinelPasswordFile) !== undefined)
    return 'has credentials for sentinels; expected the name of the master in sentinel';
  if (spec.user !== undefined && spec.passwordFile === undefined)
    return 'has a user without a password; expected password-file';
  if (spec.sentinelUser !== undefined && spec.sentinelPasswordFile === undefined)
    return 'has a sentinel-user without a password; expected sentinel-password-file';
  if (spec.caFile !== undefined && !protocols.has(TLS))
    return 'has a ca-file without TLS; expected rediss:// in url';
  if (protocols.size > 1)
    return 'has servers of several kinds in url; expected only redis://, or only rediss://';
  if (
    kind !== 'single' &&
    (protocols.has('unix:') || urls.some((url) => DATABASE.test(new URL(url).pathname)))
  )
    return `has a socket or a database in url with a ${kind}; expected redis://HOST:PORT or rediss://HOST:PORT`;
  return undefined;
}

function readUrls(place: OptionNode, fields: Fields): readonly string[] | undefined {
  if (fields.isList(place)) return fields.filledList(place, URL_FORM, (at) => readUrl(at, fields));
  const url = readUrl(place, fields);
  return url === undefined ? undefined : [url];
}

function readUrl(place: OptionNode, fields: Fields): string | undefined {
  const text = fields.text(place, URL_FORM);
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !isServer(text, url))
    return fields.wrong(place, `${JSON.stringify(text.slice(0, 60))} is not a server; expected ${URL_FORM}`);
  // policy.yml is readable by all; and the text of a URL gets into logs.
  if (url.username !== '' || url.password !== '')
    return fields.wrong(place, 'holds a user or a password; expected them in user and password-file');
  return text;
}

/** Nothing in it is ignored: with `unix:/PATH`, a name or a query, another server would be asked than its reader thinks. */
function isServer(text: string, { protocol, hostname, pathname, search, hash }: URL): boolean {
  if (protocol === 'unix:') return text.startsWith('unix:///') && text.length > 'unix:///'.length;
  const isWhole = search === '' && hash === '' && (pathname.length < 2 || DATABASE.test(pathname));
  return TCP.includes(protocol) && hostname !== '' && isWhole;
}

function readName(place: OptionNode, fields: Fields): string | undefined {
  const expected = 'a name of letters, digits, dots and hyphens';
  const text = fields.text(place, expected);
  if (text === undefined || NAME.test(text)) return text;
  return fields.wrong(
    place,
    `${JSON.stringify(text.slice(0, 60))} is not a valid name; expected ${expected}`,
  );
}
