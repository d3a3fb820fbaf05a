// The tables of events, rules, blocks, offenders and sweeps.

import { grouped, percentText } from '../../terminal/number-text.ts';
import { visible } from '../../terminal/text.ts';
import { durationText } from '../../values/duration.ts';
import type { Offender, Report, RuleReport, Sweep, SweptValue } from '../report/report.ts';
import { numberColumn, type Table, textColumn, timeColumn } from './report-table.ts';
import { shareColumn } from './sparing-tables.ts';

const RULE = { minWidth: 10 };
const NAME = { minWidth: 12 };

/** A row for each kind, and one for each of its classes that occurs. */
export function eventsTable({ events }: Report): Table {
  const rows = events.flatMap(({ kind, count, ips, classes }) => [
    { kind, class: '', count, ips },
    ...classes.map((one) => ({ kind, ...one })),
  ]);
  return {
    title: 'Events',
    columns: [
      textColumn('Kind', rows, ({ kind }) => visible(kind)),
      textColumn('Class', rows, (row) => visible(row.class)),
      numberColumn('Events', rows, ({ count }) => count),
      numberColumn('IPs', rows, ({ ips }) => ips),
    ],
  };
}

export function rulesTable({ rules, cost }: Report): Table {
  return {
    title: 'Rules',
    columns: [
      textColumn('Rule', rules, ({ rule }) => visible(rule), RULE),
      numberColumn('Limit', rules, ({ limit }) => limit, limitText),
      shareColumn(rules),
      numberColumn('Events', rules, ({ events }) => events),
      stoppedColumn(rules),
      numberColumn('Mails lost', rules, ({ lost }) => (cost.isKnown ? lost : null)),
      textColumn('Note', rules, ({ enforced }) => (enforced ? '' : 'watched')),
    ],
  };
}

export function blocksTable({ rules }: Report): Table {
  return {
    title: 'Blocks',
    columns: [
      textColumn('Rule', rules, ({ rule }) => visible(rule), RULE),
      numberColumn('Blocks', rules, ({ blocks }) => blocks),
      numberColumn('For', rules, ({ blockFor }) => blockFor, secondsText),
      numberColumn('IPs', rules, ({ ips }) => ips),
      numberColumn('Again', rules, ({ again }) => again),
      timeColumn('First (UTC)', rules, ({ first }) => first),
      numberColumn('Median to block', rules, ({ medianToBlock }) => medianToBlock, secondsText),
    ],
  };
}

export function offendersTable({ offenders, cost }: Report): Table {
  return {
    title: 'Top offenders',
    columns: [
      textColumn('IP', offenders, ({ ip }) => visible(ip)),
      textColumn('Name', offenders, ({ name }) => visible(name ?? ''), NAME),
      numberColumn('Events', offenders, total),
      numberColumn('Blocks', offenders, ({ blocks }) => blocks),
      numberColumn(
        'Stopped',
        offenders,
        ({ stopped }) => stopped,
        (stopped, row) => percentText(stopped, total(row)),
      ),
      numberColumn('Accepted', offenders, (row) => (cost.isKnown ? row.accepted : null), grouped, {
        isOptional: true,
      }),
      numberColumn('Lost', offenders, (row) => (cost.isKnown ? row.lost : null)),
      timeColumn('First block', offenders, ({ firstBlock }) => firstBlock, { isOptional: true }),
      textColumn('Rules', offenders, ({ rules }) => rules.map(visible).join(', '), {
        isOptional: true,
        minWidth: 16,
      }),
    ],
  };
}

export function sweepTable({ key, values }: Sweep, { cost }: Report): Table {
  const known = (number: number) => (cost.isKnown ? number : null);
  const isSparing = values.some(({ sparedIps }) => sparedIps > 0);
  return {
    title: visible(key),
    columns: [
      textColumn('Value', values, ({ value, isCurrent }) => `${visible(value)}${isCurrent ? ' *' : ''}`, {
        minWidth: 10,
      }),
      numberColumn('Blocks', values, ({ blocks }) => blocks),
      numberColumn('IPs', values, ({ ips }) => ips),
      numberColumn('Spared', values, ({ sparedIps }) => (isSparing ? sparedIps : null)),
      numberColumn('Events', values, ({ events }) => events),
      stoppedColumn(values),
      numberColumn('Mails lost', values, ({ lost }) => known(lost)),
      numberColumn('From IPs', values, ({ lostIps }) => known(lostIps)),
    ],
    marked: values.flatMap(({ isCurrent }, i) => (isCurrent ? [i] : [])),
  };
}

/** All events of an IP, of any kind. */
export function total({ events }: Pick<Offender, 'events'>): number {
  return Object.values(events).reduce((sum, count) => sum + count, 0);
}

function stoppedColumn(rows: readonly (RuleReport | SweptValue)[]) {
  const share = ({ stopped, events }: RuleReport | SweptValue) => (events === 0 ? null : stopped / events);
  return numberColumn('Stopped', rows, share, (_, { stopped, events }) => percentText(stopped, events));
}

function limitText(limit: number, { within }: RuleReport): string {
  return `${limit} in ${secondsText(within)}`;
}

function secondsText(seconds: number): string {
  return durationText(seconds * 1000);
}
