// Hostile log lines: none counts against a client that Postfix did not write at its place, and the cost is linear.

import { expect } from 'chai';
import type { Detail } from '../../src/blocks/events/event.ts';
import { FileBatch } from '../../src/maillog/sources/file-batch.ts';
import { parseEntry } from '../../src/maillog/sources/journal.ts';
import { LineReader } from '../../src/maillog/syslog/line-reader.ts';
import { clientKey } from '../../src/values/address.ts';
import { type Input, superlinear } from '../harness/linear.ts';
import { Chance, scaled } from '../harness/scale.ts';
import { fill, HOSTILE, VICTIM } from './arbitraries.ts';
import { charges, eventsOf, goodReader, line, START } from './log.ts';
import { CLIENT, mutated, seeds } from './mutations.ts';
import { ownClient } from './places.ts';

const PUMPS = [
  'x',
  ' ',
  '[',
  ']',
  '<',
  '>',
  ': ',
  ' from ',
  ' from x',
  ' helo=<',
  ' proto=',
  '> to=<',
  '; from=<',
  ' rejected: ',
  '{ip}',
  '\xff',
  `[${VICTIM}]: `,
  ', sasl_username=',
  'ABCDE12345: ',
  '5.7.1 ',
  `unknown[${VICTIM}]`,
];
const MOST = 400;
const STAMP = 'Nov 23 10:00:00';

function lengths(detail: Detail | undefined): number[] {
  return Object.values(detail ?? {}).map((text: string) => text.length);
}

describe('maillog/hostile: hostile lines', () => {
  it('have the client at the place that Postfix’s sources say, in every line that counts', () => {
    for (const { program, message } of HOSTILE) {
      const text = line(
        fill(message, CLIENT, () => `unknown[${VICTIM}]`),
        program,
      );
      expect([CLIENT, undefined], text).to.include(ownClient(text));
    }
    for (const text of seeds()) {
      const own = ownClient(text);
      for (const charge of charges([text])) expect(charge, text).to.match(new RegExp(` ${own}$`));
    }
  });

  it('count against no other client, whatever has happened to them, alone or in the midst of sessions', () => {
    const chance = new Chance();
    const lines = seeds();
    for (let i = 0; i < scaled(15_000); i++) {
      const log = Array.from({ length: 1 + chance.below(6) }, () =>
        chance.below(3) > 0 ? mutated(lines, chance) : chance.pick(lines),
      );
      const own = new Set(log.map(ownClient));
      const ends = [...own].flatMap((address) =>
        address === undefined ? [] : line(`disconnect from unknown[${address}]`),
      );
      const charged = eventsOf([...log, ...ends, line(`disconnect from unknown[${VICTIM}]`)]);
      const credited = eventsOf([...log, ...ends], goodReader());
      // Text that is not an address belongs to no client.
      const others = [...charged, ...credited].filter(
        ({ address }) => !own.has(address) && clientKey(address, 128, []) !== undefined,
      );
      expect(others, log.join('\n')).to.deep.equal([]);
      for (const { detail } of charged)
        for (const length of lengths(detail)) expect(length, log.join('\n')).to.be.at.most(MOST);
    }
  });

  it('leave behind no more than the sessions that are open', () => {
    const chance = new Chance();
    const lines = seeds();
    const reader = goodReader();
    for (let i = 0; i < scaled(30_000); i++)
      eventsOf([mutated(lines, chance).replace(/\[\d+\]/, `[${chance.below(1e6)}]`)], reader);
    const { open, waiting } = reader.sessions.state;
    expect(waiting.messages.length).to.be.at.most(10_000);
    for (const message of waiting.messages) expect(JSON.stringify(message).length).to.be.at.most(1000);
    // Sessions of smtpd's processes, and those of postscreen's connections.
    const screened = open.filter(([, { since }]) => since !== undefined).length;
    expect(open.length - screened).to.be.within(1000, 10_000);
    expect(screened).to.be.within(100, 10_000);
    for (const [key, session] of open) expect(JSON.stringify([key, session]).length).to.be.at.most(6000);
  });

  it('cost no more than linear time, read with details, with any text in any place that a client writes', () => {
    for (const { program, message } of HOSTILE) {
      if (!message.includes('TEXT')) continue;
      const [before = '', ...after] = fill(message, CLIENT, () => '\0').split('\0');
      const inputs: Input[] = PUMPS.map((pump) => ({
        prefix: line(before, program),
        pump,
        suffix: after.join('x'),
      }));
      expect(
        superlinear(
          (text) => eventsOf([line(`ABCDE12345: client=unknown[${CLIENT}]`), text], goodReader()),
          inputs,
        ),
        message,
      ).to.deep.equal([]);
    }
  });

  it('cost no more than linear time where a file or a journal is all text of one kind', () => {
    const around = {
      path: 'x',
      lines: new LineReader(),
      now: START,
      isWhole: true,
      at: undefined,
      after: undefined,
      inode: 1,
    };
    const lines = [
      '',
      'a',
      '[',
      ']',
      ': ',
      '<34>',
      '{',
      'a | ',
      STAMP,
      `${STAMP} `,
      `${STAMP} a`,
      `${STAMP} a:`,
    ];
    const tagged = [`${STAMP} a[1]`, `${STAMP} h postfix/smtpd[1]:`, `2026-11-23T10:00:00Z a`, line('x')];
    const pumps = [...PUMPS, ...[...lines, ...tagged].map((text) => `${text}\n`)];
    const batch = (text: string) => new FileBatch(Buffer.from(text, 'latin1'), 0, 0, around).positionAfter(0);
    expect(
      superlinear(
        batch,
        pumps.map((pump) => ({ pump })),
      ),
    ).to.deep.equal([]);
    const entry = (MESSAGE: string) =>
      parseEntry(
        JSON.stringify({
          MESSAGE,
          __CURSOR: 'c',
          __REALTIME_TIMESTAMP: '1',
          SYSLOG_IDENTIFIER: 'postfix/smtpd',
        }),
      );
    expect(
      superlinear(
        entry,
        PUMPS.map((pump) => ({ pump })),
      ),
    ).to.deep.equal([]);
    expect(
      superlinear(
        parseEntry,
        ['[', '{"a":', '"', '\\', '0'].map((pump) => ({ pump })),
      ),
    ).to.deep.equal([]);
  });
});
