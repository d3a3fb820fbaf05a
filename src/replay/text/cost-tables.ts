// The tables of the cost: the clients that would have lost mail, their mails, and the allow entries that save them.

import { stringify } from 'yaml';
import { counted, grouped } from '../../terminal/number-text.ts';
import { cut, visible } from '../../terminal/text.ts';
import type { Cost, LostMail, Outcome, SavingEntry } from '../report/report.ts';
import { numberColumn, type Table, textColumn, timeColumn } from './report-table.ts';
import { total } from './rule-tables.ts';

const ADDRESS = { minWidth: 12 };
/** Postfix's long queue IDs have about 16 characters. They stay whole, since administrators search the log for them. */
const QUEUE_ID = 20;
const RECIPIENTS_SHOWN = 3;
const SAVED_IPS_SHOWN = 2;

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  delivered: 'delivered',
  partly: 'partly',
  'not-delivered': 'not delivered',
  unknown: 'unknown',
};

export function clientsTable({ clients }: Cost): Table {
  return {
    title: 'Clients that would have lost mail',
    columns: [
      textColumn('IP', clients, ({ ip }) => visible(ip)),
      textColumn('Name', clients, ({ name }) => visible(name ?? ''), ADDRESS),
      numberColumn('Lost', clients, ({ lost }) => lost),
      numberColumn('Delivered', clients, ({ delivered }) => delivered),
      numberColumn('Accepted', clients, ({ accepted }) => accepted),
      numberColumn('Events', clients, total),
      textColumn('Rules', clients, ({ rules }) => rules.map(visible).join(', '), {
        isOptional: true,
        minWidth: 16,
      }),
    ],
  };
}

/** @param isOneClient whether all are of one client, named above the table; the recipients are then shown in short */
export function mailsTable(mails: readonly LostMail[], isOneClient: boolean): Table {
  return {
    title: 'Mails that would have been lost',
    columns: [
      timeColumn('Time (UTC)', mails, ({ at }) => at),
      textColumn('Queue ID', mails, ({ queueId }) => cut(visible(queueId), QUEUE_ID)),
      ...(isOneClient ? [] : [textColumn('IP', mails, ({ ip }) => visible(ip))]),
      textColumn('Sender', mails, ({ sender }) => addressText(sender), ADDRESS),
      textColumn('Recipients', mails, isOneClient ? firstRecipient : allRecipients, ADDRESS),
      textColumn('Outcome', mails, ({ outcome }) => OUTCOMES[outcome]),
      textColumn('User', mails, ({ user }) => visible(user ?? ''), { isOptional: true, ...ADDRESS }),
      textColumn('Rule', mails, ({ rule }) => visible(rule), { isOptional: true, minWidth: 16 }),
    ],
  };
}

/** A line of policy.yml for `allow:`. */
export function allowLine({ entry }: SavingEntry): string {
  return `  ${stringify([visible(entry)], { lineWidth: 0 }).trimEnd()}`;
}

/** What an entry would have saved, as a comment of YAML. */
export function allowComment({ ips, mails }: SavingEntry): string {
  const more = ips.length - SAVED_IPS_SHOWN;
  const shown = ips.slice(0, SAVED_IPS_SHOWN).map(visible).join(', ');
  return `# ${counted(mails, 'mail')} from ${shown}${more > 0 ? ` and ${grouped(more)} more` : ''}`;
}

/** The first recipients with their status, and how many more there are. */
function allRecipients({ recipients, recipientCount }: LostMail): string {
  const shown = recipients.slice(0, RECIPIENTS_SHOWN);
  const more = Math.max(recipientCount, recipients.length) - shown.length;
  const kept = shown.map(({ address, status }) => `${addressText(address)} (${visible(status)})`);
  return [...kept, ...(more > 0 ? [`${grouped(more)} more`] : [])].join(', ');
}

/** The first recipient, and how many more there are. */
function firstRecipient({ recipients, recipientCount }: LostMail): string {
  const more = Math.max(recipientCount, recipients.length) - 1;
  const first = recipients[0];
  if (first === undefined) return recipientCount > 0 ? grouped(recipientCount) : '';
  return `${addressText(first.address)}${more > 0 ? ` +${grouped(more)}` : ''}`;
}

/** The sender of a bounce is empty, and written as <> (RFC 5321 4.5.5). */
function addressText(address: string): string {
  return address === '' ? '<>' : visible(address);
}
