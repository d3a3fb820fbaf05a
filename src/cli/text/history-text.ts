// The history of a client from the audit trail: former blocks and actions by hand, in a sentence each.

import type { HistoryEntry, ShowAnswer } from '../../desk/answers.ts';
import { type TextOptions, unbroken, visible, wrapped } from '../../terminal/text.ts';
import { endText, momentText } from '../../terminal/time-text.ts';
import { durationText } from '../../values/duration.ts';
import { wrappableShare } from './share-text.ts';

const REASONS: Readonly<Record<string, string>> = {
  expired: 'expired',
  lifted: 'lifted',
  'allow-listed': 'added to the allow list',
  'rule-removed': 'the rule was removed',
  'rule-changed': 'the rule was changed',
  'no-room': 'evicted (too many blocked clients)',
};

/** The former blocks of a client, oldest first. */
export function historyLines(answer: ShowAnswer, options: TextOptions): string[] {
  const { history, block, watching, key } = answer;
  const running = [block, ...watching].map((shown) => `${shown?.rule} ${shown?.since}`);
  const ended = history.filter(({ event }) => event === 'end').map((end) => `${end.rule} ${end.since}`);
  // An end says when its block started, and a running block is shown above.
  const shown = new Set([...running, ...ended]);
  const entries = history.filter(({ event, rule, at }) => event !== 'block' || !shown.has(`${rule} ${at}`));
  if (entries.length === 0) return ['  no former blocks'];
  return entries.flatMap((entry) => {
    const first = `  ${momentText(entry.at, options)}  `;
    return wrapped(sentence(entry, key, options), options.columns, first, ' '.repeat(first.length));
  });
}

function sentence(entry: HistoryEntry, key: string, options: TextOptions): string {
  const hand = handText(entry);
  if (entry.event === 'end') return `${endedText(entry)}${hand}`;
  if (entry.event === 'spared') return sparedText(entry);
  if (entry.event === 'breaker') return breakerText(entry);
  const network = field(entry, 'ip') === key ? '' : ` ${field(entry, 'ip')}`;
  const verb = entry.enforced === false ? 'watched' : 'blocked';
  const what =
    entry.event === 'block' ? `${verb} by ${field(entry, 'rule')}` : `${visible(entry.event)}${network}`;
  const until = typeof entry.until === 'string' ? ` until ${endText(entry.until, options)}` : '';
  // A temporary allow entry that nobody removed has expired.
  return `${what}${until}${entry.event === 'disallow' && hand === '' ? ': expired' : hand}`;
}

function endedText(entry: HistoryEntry): string {
  const lasted = Date.parse(entry.at) - Date.parse(field(entry, 'since'));
  const rule = `${field(entry, 'rule')}${entry.enforced === false ? ' (watched)' : ''}`;
  const refused = typeof entry.refused === 'number' && entry.refused > 0 ? `, ${entry.refused} refused` : '';
  const reason = field(entry, 'reason');
  const how = Object.hasOwn(REASONS, reason) ? REASONS[reason] : reason;
  return `${rule} ended after ${unbroken(durationText(lasted))}${refused}: ${how}`;
}

function sparedText(entry: HistoryEntry): string {
  const rule = `${field(entry, 'rule')}${entry.enforced === false ? ' (watched)' : ''}`;
  const figures = { bad: number(entry, 'bad'), good: number(entry, 'good'), share: number(entry, 'share') };
  const how = entry.reason === 'breaker' ? ', the breaker was open' : '';
  return `spared by ${rule}${how}: ${wrappableShare(figures, null)}`;
}

function breakerText(entry: HistoryEntry): string {
  const { state } = entry;
  const figures = `${number(entry, 'blocked')} of ${number(entry, 'standing')} clients in good standing`;
  return state === 'open' ? `opened the breaker: ${figures} reached a limit` : 'breaker closed';
}

function handText(entry: HistoryEntry): string {
  const by = field(entry, 'by');
  const why = field(entry, 'why');
  return `${by === '' ? '' : ` by ${by}`}${why === '' ? '' : `: ${why}`}`;
}

function field(entry: HistoryEntry, name: string): string {
  const value = entry[name];
  return typeof value === 'string' ? visible(value) : '';
}

function number(entry: HistoryEntry, name: string): number {
  const value = entry[name];
  return typeof value === 'number' ? value : 0;
}
