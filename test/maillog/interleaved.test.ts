// Many sessions at once, whose clients write each other's lines wherever they can: each is charged what it did, no more, no less.

import { expect } from 'chai';
import fc from 'fast-check';
import { scaled } from '../harness/scale.ts';
import { clientText, VICTIM } from './arbitraries.ts';
import { charges, line } from './log.ts';

/** What a client may do: the lines of it, without stamp, and what it is charged with. */
interface Deed {
  readonly lines: readonly (readonly [program: string, message: string])[];
  readonly kinds: readonly string[];
  /** the server ends the connection for it */
  readonly isDropped?: boolean;
}

const DEEDS: readonly Deed[] = [
  {
    lines: [
      [
        'smtpd',
        'NOQUEUE: reject: RCPT from NAME: 550 5.1.1 <TEXT>: Recipient address rejected: User unknown; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: ['rejected-recipient'],
  },
  {
    lines: [
      [
        'smtpd',
        'ID: reject: RCPT from NAME: 554 5.7.1 <TEXT>: Relay access denied; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: ['rejected-recipient'],
  },
  {
    lines: [
      [
        'smtpd',
        'NOQUEUE: reject: RCPT from NAME: 450 4.7.1 <TEXT>: Helo command rejected: Host not found; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: [],
  },
  {
    lines: [['smtpd', 'warning: NAME: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=TEXT']],
    kinds: ['auth-failure'],
  },
  { lines: [['smtpd', 'warning: Illegal address syntax from NAME in MAIL command: TEXT']], kinds: [] },
  { lines: [['smtpd', 'warning: hostname TEXT does not resolve to address VICTIM']], kinds: [] },
  {
    lines: [
      ['cleanup', 'ID: message-id=<TEXT>'],
      ['cleanup', 'ID: warning: header TEXT from NAME; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>'],
    ],
    kinds: [],
  },
  {
    lines: [['smtpd', 'improper command pipelining after EHLO from NAME: TEXT']],
    kinds: [],
    isDropped: true,
  },
  { lines: [['smtpd', 'warning: non-SMTP command from NAME: TEXT']], kinds: [], isDropped: true },
];

/** Of these, one a message: the message is counted once. */
const REFUSALS: readonly Deed[] = [
  { lines: [], kinds: [] },
  {
    lines: [
      [
        'cleanup',
        'ID: reject: header TEXT from NAME; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>: 5.7.1 no',
      ],
    ],
    kinds: ['rejected-message'],
  },
  {
    lines: [
      ['cleanup', 'ID: reject: body TEXT from NAME; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>: no'],
    ],
    kinds: ['rejected-message'],
  },
  {
    lines: [
      [
        'cleanup',
        'ID: milter-reject: END-OF-MESSAGE from NAME: 5.7.1 TEXT; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: ['rejected-message'],
  },
  {
    lines: [
      [
        'smtpd',
        'ID: milter-reject: END-OF-MESSAGE from NAME: 554 5.7.1 TEXT; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: ['rejected-message'],
  },
  {
    lines: [
      [
        'cleanup',
        'ID: reject: header TEXT from NAME; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>: 4.7.1 later',
      ],
    ],
    kinds: [],
  },
];

const session = fc.record({
  deeds: fc.array(fc.constantFrom(...DEEDS), { maxLength: 4 }),
  refusal: fc.constantFrom(...REFUSALS),
  texts: fc.array(clientText, { minLength: 1, maxLength: 3 }),
});

interface Script {
  readonly lines: readonly string[];
  readonly charged: readonly string[];
}

/** What session `i` of `count` leaves in the log, with the others' addresses and queue IDs in all that its client writes. */
function scriptOf(
  { deeds, refusal, texts }: { deeds: readonly Deed[]; refusal: Deed; texts: readonly string[] },
  i: number,
  count: number,
): Script {
  const ip = `192.0.2.${i + 1}`;
  const other = (i + 1) % count;
  let used = 0;
  const text = () =>
    (texts[used++ % texts.length] ?? '')
      .replaceAll(VICTIM, `192.0.2.${other + 1}`)
      .replaceAll('ABCDE12345', idOf(other))
      .replaceAll('[101]', `[${pidOf(other)}]`);
  const written = (message: string) =>
    message
      .replaceAll('NAME', `unknown[${ip}]`)
      .replaceAll('ID:', `${idOf(i)}:`)
      .replaceAll('VICTIM', `192.0.2.${other + 1}`)
      .replaceAll('TEXT', text)
      .replaceAll('HELO', () => text().replaceAll(/[<>]/g, '?'));
  const told = (deed: Deed) =>
    deed.lines.map(([program, message]) =>
      line(written(message), program, program === 'smtpd' ? pidOf(i) : 7),
    );
  const all = [...deeds, refusal];
  const drops = all.some(({ isDropped }) => isDropped) ? [`dropped-connection ${ip}`] : [];
  const begin = [
    line(`connect from unknown[${ip}]`, 'smtpd', pidOf(i)),
    line(`${idOf(i)}: client=unknown[${ip}], sasl_method=PLAIN, sasl_username=${text()}`, 'smtpd', pidOf(i)),
  ];
  const end = line(`disconnect from unknown[${ip}] ehlo=1 commands=1`, 'smtpd', pidOf(i));
  return {
    lines: [...begin, ...all.flatMap(told), end],
    charged: [...all.flatMap(({ kinds }) => kinds.map((kind) => `${kind} ${ip}`)), ...drops],
  };
}

const pidOf = (i: number) => 500 + i;
const idOf = (i: number) => `4F1B2A3C4${i.toString(16).toUpperCase()}`;

/** The lines of all sessions, each session's in their order, in the order that `turns` gives. */
function interleaved(scripts: readonly Script[], turns: Iterator<number>): string[] {
  const left = scripts.map(({ lines }) => [...lines]);
  const log: string[] = [];
  while (left.some((lines) => lines.length > 0)) {
    const going = left.filter((lines) => lines.length > 0);
    const next = going[Number(turns.next().value) % going.length]?.shift();
    if (next !== undefined) log.push(next);
  }
  return log;
}

describe('maillog: sessions at once', () => {
  it('are each charged with what they did, whatever their clients write of each other', () => {
    fc.assert(
      fc.property(
        fc.array(session, { minLength: 2, maxLength: 6 }),
        fc.infiniteStream(fc.nat(99)),
        (sessions, turns) => {
          const scripts = sessions.map((one, i) => scriptOf(one, i, sessions.length));
          const log = interleaved(scripts, turns[Symbol.iterator]());
          expect(charges(log).sort(), log.join('\n')).to.deep.equal(
            scripts.flatMap(({ charged }) => charged).sort(),
          );
        },
      ),
      { numRuns: scaled(1000) },
    );
  });
});
