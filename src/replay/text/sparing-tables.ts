// The tables of what a policy spares: by rule, with and without; the clients; and when its breaker was open.

import { partOf } from '../../blocks/good/share.ts';
import { flooredPercent } from '../../terminal/number-text.ts';
import { visible } from '../../terminal/text.ts';
import type { Report, RuleReport } from '../report/report.ts';
import type { Sparing } from '../report/sparing.ts';
import { numberColumn, type Table, textColumn, timeColumn } from './report-table.ts';

/** Each rule as the policy has it, and as it would be if the policy spared nobody. */
export function sparedTable({ rules, cost }: Report): Table {
  const known = (number: number | undefined) => (cost.isKnown ? (number ?? null) : null);
  return {
    title: 'Spared by rule',
    columns: [
      textColumn('Rule', rules, ({ rule }) => visible(rule), { minWidth: 10 }),
      shareColumn(rules),
      numberColumn('Spared', rules, ({ sparedIps }) => sparedIps),
      numberColumn('Blocks', rules, ({ blocks }) => blocks),
      numberColumn('Blocks without', rules, ({ without }) => without?.blocks ?? null),
      numberColumn('Lost', rules, ({ lost }) => known(lost)),
      numberColumn('Lost without', rules, ({ without }) => known(without?.lost)),
    ],
  };
}

export function sparedClientsTable({ clients }: Sparing, { cost }: Report): Table {
  const known = (number: number) => (cost.isKnown ? number : null);
  return {
    title: 'Spared clients',
    columns: [
      textColumn('IP', clients, ({ ip }) => visible(ip)),
      textColumn('Name', clients, ({ name }) => visible(name ?? ''), { minWidth: 12 }),
      numberColumn('Abuse', clients, ({ bad }) => bad),
      numberColumn('Good', clients, ({ good }) => good, undefined, { isOptional: true }),
      numberColumn('Part', clients, partOf, flooredPercent),
      numberColumn('Lost without', clients, ({ lostWithout }) => known(lostWithout)),
      textColumn('Rule', clients, ({ rule }) => visible(rule), { isOptional: true, minWidth: 12 }),
      textColumn('Why', clients, ({ reason }) => reason, { isOptional: true }),
      numberColumn('Times', clients, ({ times }) => times, undefined, { isOptional: true }),
      numberColumn('Accepted', clients, ({ accepted }) => known(accepted), undefined, { isOptional: true }),
    ],
  };
}

export function breakerTable({ breaker }: Sparing): Table {
  return {
    title: 'Breaker open',
    columns: [
      timeColumn('From (UTC)', breaker, ({ at }) => at),
      timeColumn('Until', breaker, ({ closed }) => closed),
      numberColumn('Blocked', breaker, ({ blocked }) => blocked),
      numberColumn('Standing', breaker, ({ standing }) => standing),
      textColumn('Opened by', breaker, ({ ip }) => visible(ip)),
    ],
  };
}

/** The share of each rule; empty where a rule has none. */
export function shareColumn(rules: readonly RuleReport[]) {
  return numberColumn('Share', rules, ({ share }) => (share === 0 ? null : share), flooredPercent);
}
