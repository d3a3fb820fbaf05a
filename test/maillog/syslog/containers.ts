// Lines as container runtimes write them into files, whole and in parts.

export type Stream = 'stdout' | 'stderr';

/** How a runtime writes one read of a stream: a line, or a part of one. */
export interface Runtime {
  readonly what: string;
  /** @param at ms since 1970 */
  write(text: string, at: number, stream: Stream, isLast: boolean): string;
  /** what the runtime's own parts of a line are at least apart */
  readonly canSplit: boolean;
}

const nano = (at: number) => `${new Date(at).toISOString().slice(0, -1)}456789`;

/** As Go's encoder writes it, which escapes what HTML would take for its own. */
const goJson = (text: string) =>
  JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

export const RUNTIMES: readonly Runtime[] = [
  {
    what: "Docker's json-file",
    canSplit: true,
    write: (text, at, stream, isLast) =>
      `{"log":${goJson(isLast ? `${text}\n` : text)},"stream":"${stream}","time":"${nano(at)}Z"}`,
  },
  {
    what: "Docker's json-file with a tag, from a terminal",
    canSplit: true,
    write: (text, at, stream, isLast) =>
      `{"log":${goJson(isLast ? `${text}\r\n` : text)},"stream":"${stream}","attrs":{"tag":"mail"},"time":"${nano(at)}Z"}`,
  },
  {
    what: 'CRI',
    canSplit: true,
    write: (text, at, stream, isLast) => `${nano(at)}Z ${stream} ${isLast ? 'F' : 'P'} ${text}`,
  },
  {
    what: 'CRI with more tags, in a zone',
    canSplit: true,
    write: (text, at, stream, isLast) =>
      `${nano(at + 3_600_000)}+01:00 ${stream} ${isLast ? 'F' : 'P'}:x:y ${text}`,
  },
  { what: 'docker compose logs', canSplit: false, write: (text) => `mail-1  | ${text}` },
  { what: 'docker-compose logs', canSplit: false, write: (text) => `mail_1     | ${text}` },
  {
    what: 'docker compose logs -t',
    canSplit: false,
    write: (text, at) => `mail-1  | ${nano(at)}Z ${text}`,
  },
  { what: 'kubectl logs --prefix', canSplit: false, write: (text) => `[pod/mail-0/postfix] ${text}` },
  {
    what: 'kubectl logs --prefix --timestamps',
    canSplit: false,
    write: (text, at) => `[pod/mail-0/postfix] ${nano(at)}Z ${text}`,
  },
];
