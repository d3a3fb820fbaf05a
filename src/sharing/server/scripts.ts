// The scripts as the server gets them but that which counts, each with the digest under which it keeps it.

import { createHash } from 'node:crypto';
import { CLIENT_STATE } from '../lua/client-state.ts';
import { ANSWER, ANSWERS, BEGIN, HOSTS, LEAVE, REPORT } from '../lua/hosts.ts';
import { PRELUDE } from '../lua/prelude.ts';
import { PUBLISH } from '../lua/publish.ts';
import { READ, READ_ALL } from '../lua/read.ts';
import { REPEATED, REPEATING } from '../lua/repeating.ts';

export interface Script {
  readonly text: string;
  /** SHA-1 in hexadecimal, by which EVALSHA names it */
  readonly digest: string;
}

export const SCRIPTS = {
  begin: script(BEGIN),
  publish: script(CLIENT_STATE, PUBLISH),
  read: script(READ),
  readAll: script(READ_ALL),
  report: script(REPORT),
  leave: script(LEAVE),
  repeated: script(REPEATING, REPEATED),
  hosts: script(HOSTS),
  answer: script(ANSWER),
  answers: script(ANSWERS),
} as const satisfies Readonly<Record<string, Script>>;

/** @param parts that follow the beginning of every script */
export function script(...parts: readonly string[]): Script {
  const text = [PRELUDE, ...parts].join('');
  return { text, digest: createHash('sha1').update(text).digest('hex') };
}
