// Laws of what clients do well: nobody makes himself or another good by what he writes, and each message counts once.

import { expect } from 'chai';
import fc from 'fast-check';
import { isGood } from '../../src/blocks/events/event.ts';
import { scaled } from '../harness/scale.ts';
import { clientText, fill, HOSTILE, type Template } from './arbitraries.ts';
import { type DetailedEvent, eventsOf, goodReader, line, START } from './log.ts';

const CLIENT = '192.0.2.1';

const good = (lines: readonly string[]): DetailedEvent[] =>
  eventsOf(lines, goodReader()).filter((event) => isGood(event as Parameters<typeof isGood>[0]));

const recipientsOf = (event: DetailedEvent): number => (event as { recipients?: number }).recipients ?? 0;

/** A message of CLIENT's of three recipients, with `text` in the places of one more line that a client writes. */
function sessionWith({ program, message }: Template, text: () => string): string[] {
  return [
    line(`connect from unknown[${CLIENT}]`),
    line(`ABCDE12345: client=unknown[${CLIENT}]`),
    line(fill(message, CLIENT, text), program),
    line('ABCDE12345: from=<a@b.example>, size=512, nrcpt=3 (queue active)', 'qmgr'),
    line(`disconnect from unknown[${CLIENT}] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5`),
  ];
}

/** `KIND ADDRESS`, in order */
const names = (events: readonly DetailedEvent[]): string[] =>
  events.map(({ kind, address }) => `${kind} ${address}`).sort();

const FORGED: readonly string[] = [
  'x>, size=1, nrcpt=900 (queue active)',
  'ABCDE12345: from=<x>, size=1, nrcpt=900 (queue active)',
  'x postfix/qmgr[7]: ABCDE12345: from=<>, size=1, nrcpt=900 (queue active)',
  ', sasl_method=PLAIN, sasl_username=ann',
  'proxy-accept: END-OF-MESSAGE: 250 ok',
  ' auth=7 quit=1 commands=9',
];

describe('maillog/good-properties: text that clients write', () => {
  const text = fc.oneof(clientText, fc.constantFrom(...FORGED), fc.string({ maxLength: 300 }));

  it('makes nobody good who is not, and gives no message more recipients', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...HOSTILE),
        fc.array(text, { minLength: 1, maxLength: 4 }),
        (hostile, texts) => {
          let place = 0;
          const forged = good(sessionWith(hostile, () => texts[place++ % texts.length] ?? ''));
          const plain = good(sessionWith(hostile, () => 'x'));
          const left = names(plain);
          for (const name of names(forged)) {
            expect(left, name).to.include(name);
            left.splice(left.indexOf(name), 1);
          }
          for (const event of forged) expect(recipientsOf(event), texts.join()).to.be.at.most(3);
        },
      ),
      { numRuns: scaled(3000) },
    );
  });

  it('does not change what the client did well, where it is a sender', () => {
    fc.assert(
      fc.property(text, (sender) => {
        const lines = [
          line(`ABCDE12345: client=unknown[${CLIENT}]`),
          line(`ABCDE12345: from=<${sender}>, size=512, nrcpt=3 (queue active)`, 'qmgr'),
        ];
        const [message, ...more] = good(lines);
        expect(more).to.be.empty;
        expect(message?.address).to.equal(CLIENT);
        expect(message === undefined ? 0 : recipientsOf(message)).to.be.oneOf([1, 3]);
      }),
      { numRuns: scaled(2000) },
    );
  });
});

/** One client: how many recipients each of its messages has, and how often each leaves the queue. */
const traffic = fc.array(
  fc.record({ recipients: fc.integer({ min: 1, max: 50 }), tries: fc.nat({ max: 3 }) }),
  {
    maxLength: 5,
  },
);

type Message = { readonly recipients: number; readonly tries: number };

/** The lines of each process for client `i`: those of its session, and those of qmgr for each message. */
function scriptsOf(messages: readonly Message[], i: number): { session: string[]; queue: string[][] } {
  const name = `unknown[192.0.2.${i + 1}]`;
  const pid = 500 + (i % 3);
  const id = (n: number) => `4F1B2A3C${i.toString(16).toUpperCase()}${n}`;
  const session = [
    line(`connect from ${name}`, 'smtpd', pid),
    ...messages.map((_, n) => line(`${id(n)}: client=${name}`, 'smtpd', pid)),
    line(`disconnect from ${name} ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5`, 'smtpd', pid),
  ];
  const queue = messages.map(({ recipients, tries }, n) =>
    Array.from({ length: tries }, () =>
      line(`${id(n)}: from=<>, size=9, nrcpt=${recipients} (queue active)`, 'qmgr', 7),
    ),
  );
  return { session, queue };
}

describe('maillog/good-properties: messages of many clients', () => {
  it('count once each, for their clients, in whatever order their lines mix', () => {
    fc.assert(
      fc.property(fc.array(traffic, { maxLength: 6 }), fc.infiniteStream(fc.nat(99)), (clients, turns) => {
        const scripts = clients.map(scriptsOf);
        const turn = turns[Symbol.iterator]();
        const log: string[] = [];
        const due: string[][] = [];
        // A process serves one client after the other; qmgr comes after the line that names the client.
        for (const { session, queue } of scripts)
          for (const [n, text] of session.entries()) {
            log.push(text);
            const active = queue[n - 1];
            if (active !== undefined) due.push([...active]);
            while (due.length > 0 && Number(turn.next().value) % 3 === 0) {
              const lines = due[Number(turn.next().value) % due.length];
              const next = lines?.shift();
              if (next !== undefined) log.push(next);
              else break;
            }
          }
        log.push(...due.flat());
        const events = good(log).filter(({ kind }) => kind === 'accepted-message');
        const found = events.map((event) => `${event.address} ${recipientsOf(event)}`).sort();
        const wanted = clients.flatMap((messages, i) =>
          messages.filter(({ tries }) => tries > 0).map(({ recipients }) => `192.0.2.${i + 1} ${recipients}`),
        );
        expect(found).to.deep.equal(wanted.sort());
      }),
      { numRuns: scaled(500) },
    );
  });
});

describe('maillog/good-properties: messages that wait for qmgr', () => {
  const client = (i: number, second = 0) =>
    line(`${i.toString(16).toUpperCase().padStart(10, '0')}: client=unknown[${CLIENT}]`, 'smtpd', 1, second);
  const queued = (i: number, second = 0) =>
    line(
      `${i.toString(16).toUpperCase().padStart(10, '0')}: from=<>, size=9, nrcpt=1 (queue active)`,
      'qmgr',
      7,
      second,
    );

  it('are at most 10,000: the oldest are evicted', () => {
    const reader = goodReader();
    eventsOf(
      Array.from({ length: 25_000 }, (_, i) => client(i)),
      reader,
    );
    const { messages } = reader.sessions.state.waiting;
    expect(messages.length).to.be.within(9000, 10_000);
    expect(eventsOf([queued(0)], reader)).to.be.empty;
    expect(eventsOf([queued(24_999)], reader)).to.have.length(1);
  });

  it('wait for six hours, and no longer', () => {
    const hours = (n: number) => n * 3600;
    expect(good([client(1), queued(1, hours(6) - 1)])).to.have.length(1);
    expect(good([client(1), queued(1, hours(6))])).to.be.empty;
    const reader = goodReader();
    eventsOf([client(1), client(2, hours(7))], reader);
    expect(reader.sessions.state.waiting.messages).to.have.length(1);
  });

  it('are restored as far as they are valid, and from a snapshot without them', () => {
    const reader = goodReader();
    const valid = ['mx ABC1', CLIENT, null, START];
    const messages = [valid, ['mx ABC2', 1, null, START], ['mx ABC3', CLIENT, null], 'x', null, [1, 2, 3, 4]];
    reader.sessions.restore({ open: [], waiting: { swept: 'x', messages } });
    expect(reader.sessions.state.waiting).to.deep.equal({ swept: 0, messages: [valid] });
    for (const waiting of [undefined, null, 7, 'x', [], { messages: 7 }]) {
      const other = goodReader();
      other.sessions.restore({ open: [], waiting });
      expect(other.sessions.state.waiting).to.deep.equal({ swept: 0, messages: [] });
    }
  });
});
