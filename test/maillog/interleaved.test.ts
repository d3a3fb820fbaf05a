// Interleaved sessions whose clients imitate each other's lines: each client's own events count, no more, no less.

import { expect } from 'chai';
import fc from 'fast-check';
import { scaled } from '../harness/scale.ts';
import { clientText, VICTIM } from './arbitraries.ts';
import { classified, line, OWN_TEXT } from './log.ts';

/** What a client may do: the lines of it, without stamp, and what it is charged with. */
interface Deed {
  readonly lines: readonly (readonly [program: string, message: string])[];
  readonly kinds: readonly string[];
}

/** How its connection may end, with the counts of its disconnect line. */
interface Ending extends Deed {
  readonly counts: string;
}

const DEEDS: readonly Deed[] = [
  {
    lines: [
      [
        'smtpd',
        'NOQUEUE: reject: RCPT from NAME: 550 5.1.1 <TO>: Recipient address rejected: User unknown; from=<TEXT> to=<TO> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: ['rejected-recipient/unknown-recipient'],
  },
  {
    lines: [
      [
        'smtpd',
        'ID: reject: RCPT from NAME: 554 5.7.1 <TO>: Relay access denied; from=<TEXT> to=<TO> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: ['rejected-recipient/relay-denied'],
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
    lines: [
      ['smtpd', 'improper command pipelining after EHLO from NAME: TEXT'],
      ['smtpd', 'ID: client=NAME'],
    ],
    kinds: [],
  },
  {
    lines: [
      [
        'smtpd',
        'NOQUEUE: reject: VRFY from NAME: 550 5.1.1 <TO>: Recipient address rejected: User unknown; to=<TO> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: ['probe/vrfy'],
  },
  {
    lines: [
      [
        'smtpd',
        'NOQUEUE: reject: RCPT from NAME: 554 5.7.1 <b@x>: Recipient address rejected: OWN; from=<a> to=<b@x> proto=ESMTP helo=<HELO> sasl_method=PLAIN sasl_username=anna',
      ],
    ],
    kinds: [],
  },
  {
    lines: [
      ['smtpd', "warning: SASL: Connect to Dovecot auth socket 'private/auth' failed: Connection refused"],
      ['smtpd', 'warning: NAME: SASL LOGIN authentication failed: (reason unavailable), sasl_username=TEXT'],
    ],
    kinds: [],
  },
];

const ENDINGS: readonly Ending[] = [
  { lines: [], kinds: [], counts: 'ehlo=1 quit=1 commands=2' },
  { lines: [], kinds: [], counts: '' },
  {
    lines: [['smtpd', 'improper command pipelining after DATA from NAME: TEXT']],
    kinds: ['dropped-connection/protocol'],
    counts: 'ehlo=1 data=0/1 commands=1/2',
  },
  {
    lines: [['smtpd', 'improper command pipelining after EHLO from NAME: TEXT']],
    kinds: [],
    counts: 'ehlo=1 quit=1 commands=2',
  },
  {
    lines: [['smtpd', 'warning: non-SMTP command from NAME: TEXT']],
    kinds: ['dropped-connection/protocol'],
    counts: 'ehlo=1 unknown=0/1 commands=1/2',
  },
  {
    lines: [['smtpd', 'too many errors after RCPT from NAME']],
    kinds: ['dropped-connection/too-many-errors'],
    counts: 'ehlo=1 rcpt=0/20 commands=1/21',
  },
  {
    lines: [
      ['smtpd', 'NOQUEUE: reject: RCPT from NAME: bare <LF> received; from=<TEXT> proto=ESMTP helo=<HELO>'],
    ],
    kinds: ['dropped-connection/protocol'],
    counts: 'ehlo=1 commands=1',
  },
  {
    lines: [['smtpd', 'lost connection after DATA (0 bytes) from NAME']],
    kinds: ['abandoned-connection'],
    counts: 'ehlo=1 data=0/1 commands=1/2',
  },
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
    kinds: ['rejected-message/content'],
  },
  {
    lines: [
      ['cleanup', 'ID: reject: body TEXT from NAME; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>: no'],
    ],
    kinds: ['rejected-message/content'],
  },
  {
    lines: [
      [
        'cleanup',
        'ID: milter-reject: END-OF-MESSAGE from NAME: 5.7.1 TEXT; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: ['rejected-message/milter'],
  },
  {
    lines: [
      [
        'smtpd',
        'ID: milter-reject: END-OF-MESSAGE from NAME: 554 5.7.1 TEXT; from=<TEXT> to=<TEXT> proto=ESMTP helo=<HELO>',
      ],
    ],
    kinds: ['rejected-message/milter'],
  },
  {
    // Where its text could be read as the reason, a client does not get away with it: cleanup.test.ts.
    lines: [['cleanup', 'ID: reject: header x from NAME; from=<a> to=<b> proto=ESMTP helo=<x>: 4.7.1 later']],
    kinds: [],
  },
];

const session = fc.record({
  deeds: fc.array(fc.constantFrom(...DEEDS), { maxLength: 4 }),
  refusal: fc.constantFrom(...REFUSALS),
  ending: fc.constantFrom(...ENDINGS),
  texts: fc.array(clientText, { minLength: 1, maxLength: 3 }),
});

interface Session {
  readonly deeds: readonly Deed[];
  readonly refusal: Deed;
  readonly ending: Ending;
  readonly texts: readonly string[];
}

interface Script {
  readonly lines: readonly string[];
  readonly charged: readonly string[];
}

/** What session `i` of `count` leaves in the log, with the others' addresses and queue IDs in all that its client writes. */
function scriptOf({ deeds, refusal, ending, texts }: Session, i: number, count: number): Script {
  const ip = `192.0.2.${i + 1}`;
  const other = (i + 1) % count;
  let used = 0;
  const text = () =>
    (texts[used++ % texts.length] ?? '')
      .replaceAll(VICTIM, `192.0.2.${other + 1}`)
      .replaceAll('ABCDE12345', idOf(other))
      .replaceAll('[101]', `[${pidOf(other)}]`);
  const written = (message: string) => {
    // Postfix writes a recipient twice, and none that is too long for its reply.
    const recipient = text().slice(0, 240);
    return message
      .replaceAll('<TO>', () => `<${recipient}>`)
      .replaceAll('NAME', `unknown[${ip}]`)
      .replaceAll('ID:', `${idOf(i)}:`)
      .replaceAll('VICTIM', `192.0.2.${other + 1}`)
      .replaceAll('OWN', OWN_TEXT)
      .replaceAll('TEXT', text)
      .replaceAll('HELO', () => text().slice(0, 240).replaceAll(/[<>]/g, '?'));
  };
  const linesOf = (deed: Deed) =>
    deed.lines.map(([program, message]) =>
      line(written(message), program, program === 'smtpd' ? pidOf(i) : 7),
    );
  // An end is counted unless a refusal of ours came before it: then it may be the echo of that.
  const isRefused = deeds.some(({ lines }) => lines.some(([, message]) => message.includes('OWN')));
  const all = [...deeds, refusal, isRefused ? { ...ending, kinds: [] } : ending];
  const begin = [
    line(`connect from unknown[${ip}]`, 'smtpd', pidOf(i)),
    line(`${idOf(i)}: client=unknown[${ip}], sasl_method=PLAIN, sasl_username=${text()}`, 'smtpd', pidOf(i)),
  ];
  const end = line(`disconnect from unknown[${ip}] ${ending.counts}`, 'smtpd', pidOf(i));
  return {
    lines: [...begin, ...all.flatMap(linesOf), end],
    charged: all.flatMap(({ kinds }) => kinds.map((kind) => `${kind} ${ip}`)),
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

describe('maillog/interleaved: sessions at once', () => {
  it('each count what their clients did, whatever these write about each other', () => {
    fc.assert(
      fc.property(
        fc.array(session, { minLength: 2, maxLength: 6 }),
        fc.infiniteStream(fc.nat(99)),
        (sessions, turns) => {
          const scripts = sessions.map((one, i) => scriptOf(one, i, sessions.length));
          const log = interleaved(scripts, turns[Symbol.iterator]());
          expect(classified(log).sort(), log.join('\n')).to.deep.equal(
            scripts.flatMap(({ charged }) => charged).sort(),
          );
        },
      ),
      { numRuns: scaled(1000) },
    );
  });
});
