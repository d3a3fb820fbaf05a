// Compares the log reader with labelled log lines of other projects, line by line.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { charges } from './log.ts';

/** Beside the repository, where it is there at all: its lines belong to others. */
export const CORPUS = fileURLToPath(new URL('../../../../shared/corpus', import.meta.url));

const LABELS = '.labels.tsv';

/** What an unambiguous line of a class must give, once the connection is over; the others give nothing. */
const KIND_OF_CLASS: Readonly<Record<string, string>> = {
  rejected_recipient: 'rejected-recipient',
  auth_failure: 'auth-failure',
  dropped_server: 'dropped-connection',
  dropped_client: 'abandoned-connection',
  rejected_after_data: 'rejected-message',
};

/** What the labels have no class for. */
const UNLABELLED = /^(?:probe|mailbox-full) /;
const CLASSES_WITHOUT_EVENT = ['temp_reject', 'disconnect', 'none'];
export const CLASSES: readonly string[] = [...Object.keys(KIND_OF_CLASS), ...CLASSES_WITHOUT_EVENT];

export interface LabelledLine {
  /** `FILE:NUMBER` */
  readonly place: string;
  readonly text: string;
  readonly class: string;
  readonly client: string;
  readonly isAmbiguous: boolean;
}

export interface Comparison extends LabelledLine {
  /** `KIND ADDRESS`, or nothing */
  readonly expected: string;
  readonly got: string;
  readonly agrees: boolean;
}

export function hasCorpus(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).some((name) => name.endsWith(LABELS));
}

/** Every labelled line of the directory; `NAME.labels.tsv` labels `NAME.log`. */
export function readCorpus(directory: string): LabelledLine[] {
  const names = readdirSync(directory).filter((name) => name.endsWith(LABELS));
  return names.sort().flatMap((name) => readLabels(directory, name.slice(0, -LABELS.length)));
}

function readLabels(directory: string, name: string): LabelledLine[] {
  const log = readFileSync(join(directory, `${name}.log`), 'latin1').split('\n');
  const rows = readFileSync(join(directory, name + LABELS), 'latin1')
    .split('\n')
    .filter((row) => row !== '' && !row.startsWith('#'));
  return rows.map((row) => {
    const [number = '', label = '', client = '', , , , , ambiguous] = row.split('\t');
    const text = log[Number(number) - 1];
    if (text === undefined || !CLASSES.includes(label)) throw new Error(`${name}${LABELS}: ${row}`);
    return { place: `${name}:${number}`, text, class: label, client, isAmbiguous: ambiguous === 'y' };
  });
}

/** Reads one line in a log of its own: after the lines that must precede it, and before the end of its connection. */
export function compare(labelled: LabelledLine): Comparison {
  const expected = expectedOf(labelled);
  const charged = charges([...before(labelled), labelled.text, disconnect(labelled)]);
  const got = charged.filter((charge) => !UNLABELLED.test(charge)).join(', ');
  return { ...labelled, expected, got, agrees: got === expected };
}

function expectedOf({ class: label, client }: LabelledLine): string {
  const kind = KIND_OF_CLASS[label];
  return kind === undefined || client === '-' ? '' : `${kind} ${client}`;
}

/** A rejection by content names its client after the sender's own text: the queue ID's session must name it. */
function before({ text, client }: LabelledLine): string[] {
  const found = /^(.*) \S*cleanup\[\d+\]: (\w+): reject: (?:header|body|mime|nested)/.exec(text);
  const [, stampAndHost, queueId] = found ?? [];
  return client === '-' || queueId === undefined
    ? []
    : [`${stampAndHost} postfix/smtpd[4711]: ${queueId}: client=unknown[${client}]`];
}

/**
 * The end of the connection, logged by the same process, as Postfix 3.9 logs it where it drops a client at its first
 * command: that one failed.
 */
function disconnect({ text, client }: LabelledLine): string {
  const [prefix = ''] = /^.*?\[\d+\]: /.exec(text) ?? [];
  const [, port] = /\]:(\d+)/.exec(text.slice(prefix.length)) ?? [];
  return prefix.includes('postscreen[')
    ? `${prefix}DISCONNECT [${client}]:${port}`
    : `${prefix}disconnect from unknown[${client}]${countsOf(text)}`;
}

function countsOf(text: string): string {
  const [, command = 'EHLO'] = / pipelining after ([A-Z]+) /.exec(text) ?? [];
  return command === 'CONNECT' ? ' commands=0/0' : ` ${command.toLowerCase()}=0/1 commands=0/1`;
}
