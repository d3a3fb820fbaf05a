// The text of `tail`: a line for each change, in the words of the daemon's log.

import { visible } from '../../terminal/text.ts';

type Fields = Readonly<Record<string, unknown>>;

/** @param change as the control socket sends it: times in ms since 1970 */
export function changeText(change: unknown): string {
  if (typeof change !== 'object' || change === null) return '';
  const { type, ip, at, rule, until, reason, hand, mail, count, since } = change as Fields;
  if (type === 'missed')
    return `${timeText(at)} missed ${count} changes since ${timeText(since)}: changes came faster than they were read\n`;
  const words = [
    timeText(at),
    String(type),
    ...(ip === '' ? [] : [String(ip)]),
    ...(rule === undefined ? [] : [String(rule)]),
    ...(typeof until === 'number' && type !== 'disallow' ? [`until ${timeText(until)}`] : []),
    ...(reason === undefined ? [] : [String(reason)]),
    ...named(change, ['bad', 'good', 'share', 'state', 'blocked', 'standing']),
    ...named(mail, ['sender', 'recipient', 'helo', 'user']),
    ...named(hand, ['by', 'why']),
  ];
  return `${visible(words.join(' '))}\n`;
}

function named(value: unknown, names: readonly string[]): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const fields = value as Fields;
  return names.flatMap((name) => (fields[name] === undefined ? [] : [`${name}=${fields[name]}`]));
}

function timeText(ms: unknown): string {
  return typeof ms === 'number' ? new Date(ms).toISOString().slice(0, 19).replace('T', ' ') : '';
}
