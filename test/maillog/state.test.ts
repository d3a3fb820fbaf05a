// The log reader stopped and restored anywhere in a log goes on as if it had never stopped.

import { expect } from 'chai';
import fc from 'fast-check';
import type { SessionState } from '../../src/maillog/session-state.ts';
import { fill, HOSTILE } from './arbitraries.ts';
import { eventsOf, goodReader, line, newReader, OWN_TEXT, START } from './log.ts';

const MORE = [
  'warning: SASL: Connect to Dovecot auth socket failed: Connection refused',
  'SSL_accept error from NAME[CLIENT]: -1',
  'warning: TLS library problem: error:0A000126:SSL routines::unexpected eof while reading:x.c:308:',
  '67890ABCDE: client=NAME[CLIENT], orig_client=b.example[192.0.2.3]',
  'NOQUEUE: client=NAME[CLIENT]',
  'disconnect from NAME[CLIENT] ehlo=1 auth=0/2 data=0/1 commands=1/4',
  'timeout after END-OF-MESSAGE from NAME[CLIENT]',
  'timeout after EHLO from NAME[CLIENT]',
  'lost connection after RCPT from NAME[CLIENT]',
  `NOQUEUE: reject: RCPT from NAME[CLIENT]: 554 5.7.1 <NAME[CLIENT]>: Client host rejected: ${OWN_TEXT}; from=<>`,
  '12345ABCDE: client=NAME[CLIENT]',
  '67890ABCDE: client=NAME[CLIENT], sasl_method=PLAIN, sasl_username=ann',
  '67890ABCDE: from=<a@b.example>, size=512, nrcpt=2 (queue active)',
  '12345ABCDE: from=<>, size=512, nrcpt=4 (queue active)',
  'disconnect from NAME[CLIENT] ehlo=1 auth=1 data=1 quit=1 commands=4',
  'warning: service "smtp" (25) has reached its process limit "100": new clients may experience noticeable delays',
  'entering STRESS mode with 80 connections',
  'leaving STRESS mode with 60 connections',
  'COMMAND TIME LIMIT from [CLIENT]:40000 after CONNECT',
].map((message) => ({ program: programOf(message), message }));

function programOf(message: string): string {
  if (message.startsWith('warning: service')) return 'master';
  if (message.endsWith('(queue active)')) return 'qmgr';
  return /STRESS|TIME LIMIT/.test(message) ? 'postscreen' : 'smtpd';
}

/** Logs of few clients and processes, so that sessions meet and queue IDs come again. */
const log = fc.array(
  fc
    .record({
      template: fc.constantFrom(...HOSTILE, ...MORE, ...MORE),
      client: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', 'unknown'),
      pid: fc.integer({ min: 101, max: 103 }),
      second: fc.nat({ max: 9000 }),
    })
    .map(({ template, client, pid, second }) =>
      line(
        fill(template.message, client, () => 'x'),
        template.program,
        pid,
        second,
      ),
    ),
  { maxLength: 60 },
);

describe('maillog/state: the state in a snapshot', () => {
  it('gives the same events as reading without a break, wherever it was taken', () => {
    fc.assert(
      fc.property(log, fc.nat(), (lines, cut) => {
        const place = cut % (lines.length + 1);
        const before = goodReader();
        const events = eventsOf(lines.slice(0, place), before);
        const text = JSON.stringify({ state: before.sessions.state, texts: before.texts.texts });
        const { state, texts } = JSON.parse(text) as { state: SessionState; texts: string[] };
        const after = goodReader();
        after.texts.add(texts);
        after.sessions.restore(state);
        events.push(...eventsOf(lines.slice(place), after));
        expect(events).to.deep.equal(eventsOf(lines, goodReader()));
        expect(JSON.stringify(after.sessions.state)).to.equal(JSON.stringify(stateAfter(lines)));
      }),
      { numRuns: 500 },
    );
  });

  it('is not changed by what is read after it was taken and written', () => {
    const reader = newReader();
    eventsOf([line('connect from a[192.0.2.1]'), line('timeout after EHLO from a[192.0.2.1]')], reader);
    const written = JSON.stringify(reader.sessions.state);
    const again = newReader();
    again.sessions.restore(JSON.parse(written) as SessionState);
    expect(eventsOf([line('disconnect from a[192.0.2.1]')], again)).to.have.length(1);
    expect(JSON.stringify(reader.sessions.state)).to.equal(written);
  });

  it('of an earlier release has no classes and one time for all stress: the lines tell the classes', () => {
    const drop = (message: string, program = 'smtpd') =>
      [
        'mx x[1',
        { address: '192.0.2.1', ended: 'dropped', line: `mx postfix/${program}[1]: ${message}` },
      ] as const;
    const lines: readonly (readonly [string, string, string?])[] = [
      ['too many errors after RCPT from a[192.0.2.1]', 'too-many-errors'],
      ['timeout after EHLO from a[192.0.2.1]', 'timeout'],
      ['improper command pipelining after EHLO from a[192.0.2.1]: x', 'protocol'],
      ['warning: Connection rate limit exceeded: 31 from a[192.0.2.1] for service smtp', 'rate-limit'],
      ['SSL_accept error from a[192.0.2.1]: -1', 'tls'],
      ['PREGREET 14 after 0.08 from [192.0.2.1]:40000: EHLO x', 'postscreen', 'postscreen'],
      ['what no release has ever kept', 'protocol'],
    ];
    for (const [message, of, program] of lines) {
      const reader = newReader();
      reader.sessions.restore({ open: [drop(message, program)], stressUntil: 0 });
      expect(reader.sessions.state.open[0]?.[1].class, message).to.equal(of);
    }
    const reader = newReader();
    reader.sessions.restore({ open: [], stressUntil: START + 1_000_000 });
    expect(reader.sessions.stressUntil).to.equal(START + 1_000_000);
    const session = [
      'connect from a[192.0.2.1]',
      'timeout after EHLO from a[192.0.2.1]',
      'disconnect from a[192.0.2.1]',
    ];
    expect(
      eventsOf(
        session.map((message) => line(message)),
        reader,
      ),
    ).to.deep.equal([]);
  });

  it('is restored as far as it is valid', () => {
    const good = { address: '192.0.2.1', ended: 'abandoned', line: 'x' };
    const reader = newReader();
    reader.sessions.restore({
      open: [
        ['a', good],
        ['b', { ...good, ended: 'eaten' }],
        ['c', { ...good, class: 'none' }],
        ['d', { ...good, auth: 'yes' }],
        ['e', { ...good, since: 'now' }],
        ['f', { ...good, origin: { name: 1 } }],
        ['g', { ...good, line: 7 }],
        ['h', { ...good, evil: true }],
        [1, good],
        'x',
        null,
      ],
      swept: 'x',
      authLost: [1, 'mx postfix/smtpd[7'],
      stress: { services: [['x', 'y'], 7, ['mx postfix', START]], screening: 'x', clients: null },
    });
    const { open, swept, authLost, stress } = reader.sessions.state;
    expect(open.map(([key]) => key)).to.deep.equal(['a']);
    expect({ swept, authLost, stress }).to.deep.equal({
      swept: 0,
      authLost: ['mx postfix/smtpd[7'],
      stress: { services: [['mx postfix', START]], screening: [], clients: [] },
    });
    for (const damaged of [undefined, null, 7, 'x', [], { open: 7 }]) newReader().sessions.restore(damaged);
  });

  it('stays small when disconnects are never logged', () => {
    const reader = newReader();
    for (let pid = 0; pid < 12_000; pid++)
      eventsOf([line('connect from a[192.0.2.1]', 'smtpd', pid)], reader);
    expect(reader.sessions.state.open.length).to.equal(10_000);
    expect(reader.sessions.state.open[0]?.[0]).to.equal('mx postfix/smtpd[2000');
  });
});

function stateAfter(lines: readonly string[]): SessionState {
  const reader = goodReader();
  eventsOf(lines, reader);
  return reader.sessions.state;
}
