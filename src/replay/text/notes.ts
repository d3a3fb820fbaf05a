// What the administrator must know to trust a report, in sentences.

import { counted } from '../../terminal/number-text.ts';
import type { SuspectedProxies } from '../report/suspected-proxies.ts';

/** What a replay cannot see, or leaves out. */
export interface Caveats {
  readonly proxies: Pick<SuspectedProxies, 'shown' | 'others'>;
  /** false where the log has records, but none of qmgr(8) */
  readonly isCostKnown: boolean;
  /** own refusals */
  readonly refusals: number;
  /** failed logins that are not counted, since the user database was probably down */
  readonly sparedLogins: number;
  /** lines that journald or rsyslogd says it dropped */
  readonly lostLines: number;
  readonly evictedRecords: number;
  /** clients of the report itself that were evicted */
  readonly evictedClients: number;
}

export function noteSentences(caveats: Caveats): readonly string[] {
  const { isCostKnown, refusals, sparedLogins, lostLines, evictedRecords, evictedClients } = caveats;
  const notes: readonly (readonly [isTrue: boolean, sentence: string])[] = [
    [
      !isCostKnown,
      'The log has no lines of qmgr(8), which log the mail that Postfix accepts: the cost is not known.',
    ],
    [
      refusals > 0,
      `While this log was written, Postfix rejected ${counted(refusals, 'command')} with the text of one of these rules. That abuse cannot be counted here, nor that mail.`,
    ],
    [
      sparedLogins > 0,
      `${counted(sparedLogins, 'failed login')} ${sparedLogins === 1 ? 'is' : 'are'} not counted: clients that could always log in failed too, so the user database was probably down.`,
    ],
    [
      lostLines > 0,
      `journald or rsyslogd logged that it lost ${counted(lostLines, 'line')}: the report cannot count what was lost.`,
    ],
    [
      evictedRecords > 0,
      `max-tracked was reached: ${counted(evictedRecords, 'record')} evicted, as the daemon would evict them.`,
    ],
    [
      evictedClients > 0,
      `The report evicted ${counted(evictedClients, 'IP')} with few events: its numbers of IPs are too high.`,
    ],
  ];
  return [
    ...proxyNotes(caveats.proxies),
    ...notes.flatMap(([isTrue, sentence]) => (isTrue ? [sentence] : [])),
  ];
}

function proxyNotes({ shown, others }: Caveats['proxies']): readonly string[] {
  const notes = shown.map(
    ({ ip, rules }) =>
      `${ip} would have been blocked by ${rules.join(' and ')} if it were not on the allow list as private: a proxy or a container gateway probably hides the clients behind it.`,
  );
  return others === 0 ? notes : [...notes, `The same applies to ${counted(others, 'more private client')}.`];
}
